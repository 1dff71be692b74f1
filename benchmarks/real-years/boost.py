"""Gradient boosting over ready-made feature files, one model a coin or one of all: the reference, and members of the ensemble.

    python benchmarks/real-years/boost.py FEATURES OUT NAME --set simple-27 --coins BTC-USD [--seeds 3] [--test]   (lightgbm, numpy, pyarrow)

FEATURES holds COIN_SET.parquet of benchmarks/feature-sets/write-features.ts. Trains on the first 70 % of the rows, chooses the
number of trees on the next 15 %; writes OUT/NAME-SEED/COIN.validation.f32, the logits of each coin's judged rows (members.ts
says which). With --test nothing is trained: the models of an earlier call score the test rows.
"""
import argparse, os
import lightgbm, numpy, pyarrow.parquet

HORIZON, WARMUP = 15, 720
# Rows left out at the start of validation and test: the longest receptive field and embargo of any member, rounded up.
SKIP = 300
CANDLES = {'timestamp', 'open', 'high', 'low', 'close', 'volume'}
# As in ../feature-sets/compare.py: set by hand, not searched.
SETTINGS = dict(objective='binary', learning_rate=0.04, num_leaves=31, min_data_in_leaf=1500, feature_fraction=0.4, bagging_fraction=0.7,
                bagging_freq=1, lambda_l2=10, max_bin=127, verbose=-1)


def read(file, parts):
    """Rows and labels of the parts asked for; a tie is down."""
    names = [name for name in pyarrow.parquet.read_schema(file).names if name not in CANDLES]
    close = pyarrow.parquet.read_table(file, columns=['close'])['close'].to_numpy()
    n = len(close)
    a, b = 70 * n // 100, 85 * n // 100
    ranges = {'train': (WARMUP, a - HORIZON), 'validation': (a + SKIP, b - HORIZON), 'test': (b + SKIP, n - HORIZON)}
    x = {part: numpy.empty((ranges[part][1] - ranges[part][0], len(names)), numpy.float32) for part in parts}
    for j, name in enumerate(names):
        values = pyarrow.parquet.read_table(file, columns=[name])[name].to_numpy()
        for part in parts:
            x[part][:, j] = values[slice(*ranges[part])]
    y = {part: numpy.float32(close[lo + HORIZON:hi + HORIZON] > close[lo:hi]) for part, (lo, hi) in ranges.items() if part in parts}
    return x, y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('features')
    parser.add_argument('out')
    parser.add_argument('name')
    parser.add_argument('--set', default='simple-27')
    parser.add_argument('--coins', nargs='+', required=True)
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--rate', type=float, default=SETTINGS['learning_rate'])
    parser.add_argument('--test', action='store_true')
    given = parser.parse_args()
    settings = {**SETTINGS, 'num_threads': given.threads, 'learning_rate': given.rate}
    parts = ['test'] if given.test else ['train', 'validation']
    data = {coin: read(f'{given.features}/{coin}_{given.set}.parquet', parts) for coin in given.coins}
    if not given.test:
        stack = lambda part: (numpy.concatenate([x[part] for x, _ in data.values()]), numpy.concatenate([y[part] for _, y in data.values()]))
        train = lightgbm.Dataset(*stack('train'), params={'max_bin': SETTINGS['max_bin'], 'verbose': -1})
        validation = lightgbm.Dataset(*stack('validation'), reference=train)
    for seed in range(1, given.seeds + 1):
        folder = f'{given.out}/{given.name}-{seed}'
        os.makedirs(folder, exist_ok=True)
        if given.test:
            model = lightgbm.Booster(model_file=f'{folder}/model.txt')
        else:
            model = lightgbm.train({**settings, 'seed': seed}, train, 2000, [validation], callbacks=[lightgbm.early_stopping(50, verbose=False)])
            model.save_model(f'{folder}/model.txt', num_iteration=model.best_iteration)
        for coin, (x, y) in data.items():
            for part in parts:
                if part == 'train':
                    continue
                logit = model.predict(x[part], raw_score=True)
                numpy.float32(logit).tofile(f'{folder}/{coin}.{part}.f32')
                if part == 'validation':
                    print(given.name, given.set, 'seed', seed, coin, f'{model.best_iteration} trees, validation log loss {numpy.mean(numpy.logaddexp(0, numpy.where(y[part] == 1, -logit, logit))):.5f}', flush=True)


if __name__ == '__main__':
    main()
