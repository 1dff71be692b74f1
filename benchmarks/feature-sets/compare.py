"""Gradient boosting over ready-made feature files: which feature set knows more about the next 15 rows?

    node bin/tsx.js benchmarks/feature-sets/write-features.ts CANDLES OUT
    python benchmarks/feature-sets/compare.py [--seeds 3] [--test] OUT/*.parquet     (lightgbm, numpy, pyarrow)

Label: close 15 rows later is above this one (no move counts as down). Chronological split 70/15/15, 75 rows of embargo
before validation and test. The number of trees is chosen on validation; test is computed with --test only, once a set.
"""
import argparse, os
import lightgbm, numpy, pyarrow.parquet

HORIZON, EMBARGO = 15, 75
CANDLES = {'timestamp', 'open', 'high', 'low', 'close', 'volume'}
# Set by hand, the same for every set; not searched.
SETTINGS = dict(objective='binary', learning_rate=0.04, num_leaves=31, min_data_in_leaf=1500, feature_fraction=0.4, bagging_fraction=0.7,
                bagging_freq=1, lambda_l2=10, max_bin=127, num_threads=2, verbose=-1)


def figures(p, y):
    """Accuracy, AUC, log loss, accuracy on the 10 % most confident."""
    order = numpy.argsort(p, kind='stable')
    _, group, counts = numpy.unique(p[order], return_inverse=True, return_counts=True)
    rank = numpy.empty(len(p))
    rank[order] = (numpy.cumsum(counts) - (counts - 1) / 2)[group]
    ups = y.sum()
    auc = (rank[y == 1].sum() - ups * (ups + 1) / 2) / (ups * (len(y) - ups))
    right = (p > 0.5) == (y == 1)
    confident = numpy.argsort(-abs(p - 0.5), kind='stable')[: len(p) // 10]
    loss = -numpy.mean(numpy.where(y == 1, numpy.log(p), numpy.log1p(-p)))
    return f'{100 * right.mean():.2f} % {auc:.4f} {loss:.5f} {100 * right[confident].mean():.2f} %'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('files', nargs='+')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--test', action='store_true')
    parser.add_argument('--every', type=int, default=1, help='take every n-th row of train')
    parser.add_argument('--rate', type=float, default=SETTINGS['learning_rate'])
    parser.add_argument('--leaf', type=int, default=SETTINGS['min_data_in_leaf'], help='rows a leaf, at least')
    given = parser.parse_args()
    settings = {**SETTINGS, 'learning_rate': given.rate, 'min_data_in_leaf': given.leaf}
    for file in given.files:
        names = [name for name in pyarrow.parquet.read_schema(file).names if name not in CANDLES]
        close = pyarrow.parquet.read_table(file, columns=['close'])['close'].to_numpy()
        n = len(close)
        warmup = 720  # the same rows for every set
        a, b, end = int(0.7 * n), int(0.85 * n), n - HORIZON
        y = numpy.zeros(n, numpy.float32)
        y[:end] = close[HORIZON:] > close[:-HORIZON]
        rows = {'train': numpy.arange(warmup, a - EMBARGO, given.every), 'validation': numpy.arange(a, b - EMBARGO), 'test': numpy.arange(b, end)}
        x = {part: numpy.empty((len(r), len(names)), numpy.float32) for part, r in rows.items()}
        for j, name in enumerate(names):
            values = pyarrow.parquet.read_table(file, columns=[name])[name].to_numpy()
            for part, r in rows.items():
                x[part][:, j] = values[r]
        train = lightgbm.Dataset(x['train'], y[rows['train']], params={'max_bin': SETTINGS['max_bin'], 'verbose': -1})
        validation = lightgbm.Dataset(x['validation'], y[rows['validation']], reference=train)
        for seed in range(1, given.seeds + 1):
            model = lightgbm.train({**settings, 'seed': seed}, train, 1500, [validation], callbacks=[lightgbm.early_stopping(50, verbose=False)])
            for part in ['validation', 'test'] if given.test else ['validation']:
                print(os.path.basename(file), 'seed', seed, f'{model.best_iteration} trees', part, figures(model.predict(x[part]), y[rows[part]]), flush=True)


if __name__ == '__main__':
    main()
