import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeOnnx } from '../../src/models/onnx-file.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { readTrials } from '../../src/training/trials.js';
import { evaluate } from '../../src/workflows/evaluate.js';
import { findLightGbm } from '../../src/workflows/training/baselines/find-lightgbm.js';
import { crossValidation } from '../../src/workflows/training/cross-validation.js';
import { trainBaselines, type BaselineOptions } from '../../src/workflows/training/baselines/train-baselines.js';
import { describeWithLightGbm, projectRoot } from '../support/requirements.js';

const scratch = mkdtempSync(join(tmpdir(), 'crpbot-baselines-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const freshFolder = (): string => join(scratch, String(folders++));

const ROWS = 6000;
const sample = readParquet(join(projectRoot, 'data/sample/BTC-SIM_1m_2025-01-06_2025-02-04.parquet'));

/** From `flatFrom` on the price stands still. */
function candles(flatFrom = Infinity): string {
  const folder = freshFolder();
  mkdirSync(folder);
  const file = join(folder, 'BTC-SIM_1m.parquet');
  writeParquet(file, sample.names.map((name) => [name, sample.column(name).slice(0, ROWS).map((value, row) => (row >= flatFrom && name !== 'timestamp' ? 100 : value))] as const), { timeColumn: 'timestamp' });
  return file;
}
const file = candles();
const train = async (options: Omit<BaselineOptions, 'candles' | 'featureSet'>) => (await trainBaselines({ candles: [file], featureSet: 'v1-31', ...options }, { now: () => Date.UTC(2026, 0, 1) }))[0];

describe('the logistic baseline', () => {
  it('is written with all an evaluation must know, evaluated like any model, and recorded as a try', async () => {
    const outDir = join(freshFolder(), 'new');
    const { files, validation, trials } = await train({ kinds: ['logistic'], outDir });
    expect(basename(files[0])).toMatch(/^logistic_BTC_SIM_1m_[0-9a-f]{8}\.onnx$/);
    const { manifest } = describeOnnx(readFileSync(files[0]), files[0], '');
    expect(manifest).toMatchObject({ featureSet: 'v1-31', alignment: 'causal', windowLength: 1, windowMode: 'repo', horizon: 15, symbol: 'BTC-SIM', metrics: { val_loss: validation.logLoss, trials: 1 } });
    expect(manifest.trainedTo).toBe(sample.column('timestamp')[Math.floor(0.7 * ROWS) - 1]);
    expect(validation.logLoss).toBeLessThan(Math.log(2));
    const { run } = await evaluate({ models: [outDir], candles: [file], out: freshFolder() }, { now: 0 });
    expect(run.models[0]).toMatchObject({ model: basename(files[0]), assumed: [], warnings: [] });
    expect(run.models[0].evaluation.classification.accuracy).toBeGreaterThan(0.6);
    expect(trials).toBe(1);
    expect(readTrials(join(outDir, '../trials.jsonl'))).toMatchObject([{ model: 'logistic', symbol: 'BTC-SIM', parameters: { ridge: 1, featureSet: 'v1-31' }, metrics: { validationLoss: validation.logLoss } }]);
  });

  it('does not look at the test rows', async () => {
    const [first, other] = [await train({ kinds: ['logistic'], outDir: freshFolder() }), (await trainBaselines({ kinds: ['logistic'], candles: [candles(Math.floor(0.85 * ROWS))], featureSet: 'v1-31', outDir: freshFolder() }, { now: () => 0 }))[0]];
    expect(basename(other.files[0])).toBe(basename(first.files[0]));
    expect(other.validation).toEqual(first.validation);
  });
});

describe('a baseline in folds', () => {
  it('is judged on blocks it has not seen, stands in the networks’ table, and is not written', async () => {
    const outDir = join(freshFolder(), 'new');
    const trained = await trainBaselines({ candles: [file], featureSet: 'v1-31', kinds: ['logistic'], folds: 3, foldKind: 'purged', seeds: [1, 2], outDir }, { now: () => 0 });
    // Nothing in it is drawn: one result a fold, whatever the seeds.
    expect(trained.map(({ fold, files }) => [fold?.fold, files])).toEqual([[1, []], [2, []], [3, []]]);
    expect(readdirSync(outDir)).toEqual([]);
    expect(new Set(trained.map(({ validation }) => validation.logLoss)).size).toBe(3);
    const before = Math.floor(0.85 * ROWS);
    expect(trained[1].validation.windows).toBe(before / 3 - 15);
    expect(readTrials(join(outDir, '../trials.jsonl')).map(({ parameters }) => parameters.fold)).toEqual([1, 2, 3].map((fold) => ({ kind: 'purged', folds: 3, fold })));
    const table = crossValidation([], trained)!;
    expect(table.results.map(({ model, fold, seed, logLoss }) => [model, fold, seed, logLoss])).toEqual(trained.map(({ validation }, index) => ['logistic', index + 1, 0, validation.logLoss]));
    expect(table.summary).toMatchObject([{ symbol: 'BTC-SIM', model: 'logistic', results: 3 }]);
  });

  it('does not see the test rows', async () => {
    const judged = async (changed: string) => (await trainBaselines({ candles: [changed], featureSet: 'v1-31', kinds: ['logistic'], folds: 2, outDir: freshFolder() }, { now: () => 0 })).map(({ validation }) => validation);
    expect(await judged(candles(Math.floor(0.85 * ROWS)))).toEqual(await judged(file));
  });

  it('of more folds than there are rows for is refused at once', async () => {
    await expect(train({ kinds: ['logistic'], folds: 1000, outDir: freshFolder() })).rejects.toMatchObject({ code: 'too-few-rows', hint: expect.stringMatching(/give --folds \d+ or fewer/) as string });
  });
});

describe('a Python with LightGBM', () => {
  /** Says it is Python, and has what `found` prints. */
  function pretend(found: string): string {
    const folder = freshFolder();
    mkdirSync(folder);
    const command = join(folder, 'python');
    writeFileSync(command, `#!/bin/sh\necho python\n${found}\n`);
    chmodSync(command, 0o755);
    return command;
  }

  it('is the one given, or an error that names the packages', async () => {
    const command = pretend('echo found:4.6.0');
    expect(await findLightGbm({ python: command })).toEqual({ command, version: '4.6.0' });
    await expect(findLightGbm({ python: pretend('echo "ModuleNotFoundError: No module named lightgbm"; exit 1') })).rejects.toMatchObject({ code: 'lightgbm-missing', hint: expect.stringContaining('pip install lightgbm numpy') as string });
    await expect(findLightGbm({ python: join(scratch, 'nothing') })).rejects.toMatchObject({ code: 'python-missing' });
  });

  it('finds what is laid for it, also in an output folder named from here', async () => {
    const place = freshFolder();
    mkdirSync(place);
    const command = pretend('case "$1" in -c) echo found:4.6.0;; *) test -f "$2/settings.json" && echo "all is there"; exit 3;; esac');
    const before = process.cwd();
    try {
      process.chdir(place);
      // The project is where the source lies, not where somebody stands.
      process.env.CRPBOT_ROOT = projectRoot;
      await expect(train({ kinds: ['boosting'], outDir: 'new', python: command })).rejects.toMatchObject({ code: 'boosting-failed', message: expect.stringContaining('all is there') as string });
    } finally {
      process.chdir(before);
      delete process.env.CRPBOT_ROOT;
    }
  });

  it('of which LightGBM fails leaves nothing behind', async () => {
    const folder = join(freshFolder(), 'new');
    const command = pretend('case "$1" in -c) echo found:4.6.0;; *) echo "out of memory"; exit 3;; esac');
    await expect(train({ kinds: ['boosting'], outDir: folder, python: command })).rejects.toMatchObject({ code: 'boosting-failed', message: expect.stringContaining('out of memory') as string });
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(join(folder, '../trials.jsonl'))).toBe(false);
  });
});

await describeWithLightGbm('the boosting baseline', () => {
  it('learns, is recorded, and with one seed gives one model', async () => {
    const [outDir, again, other] = [join(freshFolder(), 'new'), freshFolder(), freshFolder()];
    const first = await train({ kinds: ['boosting'], outDir, rounds: 60 });
    expect(first.validation.logLoss).toBeLessThan(Math.log(2));
    expect(readdirSync(outDir)).toEqual([basename(first.files[0])]);
    expect(readTrials(join(outDir, '../trials.jsonl'))).toMatchObject([{ model: 'boosting', seed: 1, parameters: { objective: 'binary', rounds: 60, num_leaves: 31 } }]);
    expect(basename((await train({ kinds: ['boosting'], outDir: again, rounds: 60 })).files[0])).toBe(basename(first.files[0]));
    expect(basename((await train({ kinds: ['boosting'], outDir: other, rounds: 60, seed: 2 })).files[0])).not.toBe(basename(first.files[0]));
    const { run } = await evaluate({ models: [outDir], candles: [file], out: freshFolder() }, { now: 0 });
    expect(run.models[0].assumed).toEqual([]);
    expect(run.models[0].evaluation.classification.accuracy).toBeGreaterThan(0.6);
  });

  it('is cross-validated once a seed and fold', async () => {
    const trained = await trainBaselines({ candles: [file], featureSet: 'v1-31', kinds: ['boosting'], folds: 2, seeds: [1, 2], rounds: 5, outDir: freshFolder() }, { now: () => 0 });
    expect(trained.map(({ seed, fold }) => [seed, fold?.fold])).toEqual([[1, 1], [1, 2], [2, 1], [2, 2]]);
    expect(new Set(trained.map(({ validation }) => validation.logLoss)).size).toBe(4);
  });
});
