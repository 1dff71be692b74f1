import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { defineFeatureSet } from '../../src/features/own-feature-set.js';
import { extendFeatureSet } from '../../src/features/extend-feature-set.js';
import { featureRecipe } from '../../src/features/feature-recipes.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { readTrials } from '../../src/training/trials.js';
import { compareModels, type CompareOptions } from '../../src/workflows/compare.js';
import { compareFeatureSets } from '../../src/workflows/compare-feature-sets.js';
import { buildEnsembles } from '../../src/workflows/ensemble/build-ensemble.js';
import { evaluate } from '../../src/workflows/evaluate.js';
import { availableBaselines, trainBaselines } from '../../src/workflows/training/baselines/train-baselines.js';
import { projectRoot } from '../support/requirements.js';

const scratch = mkdtempSync(join(tmpdir(), 'crpbot-compare-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const freshFolder = (): string => join(scratch, String(folders++));
const now = Date.UTC(2026, 0, 1);

/** The first candles of a sample file. */
function firstCandles(symbol: string, rows = 6000): string {
  const folder = freshFolder();
  mkdirSync(folder);
  const sample = readParquet(join(projectRoot, `data/sample/${symbol}_1m_2025-01-06_2025-02-04.parquet`));
  const file = join(folder, `${symbol}_1m.parquet`);
  writeParquet(file, sample.names.map((name) => [name, sample.column(name).slice(0, rows)] as const), { timeColumn: 'timestamp' });
  return file;
}

const candles = firstCandles('ETH-SIM');
const small = join(projectRoot, 'models/colab-sample/lstm_ETH-SIM_1m_small.pt');
const train = async (featureSet: string, ridge: number, horizon?: number): Promise<string> => (await trainBaselines({ kinds: ['logistic'], candles: [candles], featureSet, ridge, horizon, outDir: freshFolder() }, { now: () => now }))[0].files[0];
let logistic: string;
const compare = (options: CompareOptions) => compareModels({ candles: [candles], out: freshFolder(), ...options }, { now });
beforeAll(async () => {
  logistic = await train('v1-31', 1);
});

describe('models compared', () => {
  it('are scored on the windows that all of them have, and the figures are those of evaluate', async () => {
    const { comparison, files } = await compare({ models: [small, logistic] });
    const [{ symbol, reference, windows, left, models }] = comparison.symbols;
    expect({ symbol, reference, names: models.map(({ name }) => name) }).toEqual({ symbol: 'ETH-SIM', reference: 'logistic', names: ['logistic', 'lstm'] });
    // An LSTM sees 60 rows and drops as many more before the test: of the baseline's windows those are left out.
    const alone = await evaluate({ models: [small], candles: [candles], out: freshFolder() }, { now });
    const { evaluation } = alone.run.models[0];
    expect(windows).toBe(evaluation.windows);
    expect(left).toBe(Math.round(models[0].windowsPerSecond * models[0].seconds) - windows);
    expect(evaluation).toMatchObject(models[1].evaluation);
    expect(models[0].evaluation).toMatchObject({ windows, from: evaluation.from, to: evaluation.to });
    expect(models[1].against?.difference).toBeCloseTo(evaluation.classification.logLoss - models[0].evaluation.classification.logLoss, 12);
    expect(models[1].netReturns[comparison.costsBps.indexOf(15)]).toBeCloseTo(evaluation.trades.both.netReturn, 12);
    expect([...models[1].netReturns].sort((a, b) => b - a)).toEqual(models[1].netReturns);
    expect(readFileSync(files.csv, 'utf8').trim().split('\n')).toHaveLength(3);
    expect(readFileSync(files.report, 'utf8')).toContain('2 models of ETH-SIM');
  });

  it('may be of several feature sets, and an ensemble among them', async () => {
    const other = await train('v2-50', 1);
    const [{ file }] = await buildEnsembles({ models: [logistic, other], candles: [candles], outDir: freshFolder() }, {});
    const { comparison } = await compare({ models: [logistic, other, file], against: basename(other), costsBps: [20, 0, 20] });
    const [{ models, reference }] = comparison.symbols;
    expect([reference, ...models.slice(1).map(({ name }) => name).sort()]).toEqual(['logistic v2-50', 'ensemble', 'logistic v1-31']);
    expect(comparison.costsBps).toEqual([0, 20]);
    expect(models.find(({ name }) => name === 'ensemble')?.bytes).toBeGreaterThan(models[0].bytes);
    expect(models.every(({ seenInTraining }) => !seenInTraining)).toBe(true);
  });

  it('leave a symbol out that has one model, and say so', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    for (const file of [small, logistic, join(projectRoot, 'models/colab-sample/lstm_SOL-SIM_1m_small.pt')]) copyFileSync(file, join(folder, basename(file)));
    const { comparison } = await compare({ models: [folder], candles: [candles, firstCandles('SOL-SIM')] });
    expect(comparison.symbols.map(({ symbol }) => symbol)).toEqual(['ETH-SIM']);
    expect(comparison.warnings).toContain('SOL-SIM has one model, lstm_SOL-SIM_1m_small.pt: nothing to compare it with');
  });

  it.each([
    ['nothing-to-compare', { models: [small] }],
    ['nothing-to-compare', { symbols: ['BTC-SIM'] }],
    ['no-reference', { against: 'boosting' }],
    ['bad-option', { costsBps: [-1] }],
    ['bad-option', { costsBps: [] }],
  ])('%s, with nothing written: %j', async (code, options) => {
    const out = freshFolder();
    await expect(compare({ models: [small, logistic], out, ...options })).rejects.toMatchObject({ code });
    expect(readdirSync(out)).toEqual([]);
  });

  it('must answer one question', async () => {
    await expect(compare({ models: [logistic, await train('v1-31', 1, 30)] })).rejects.toMatchObject({ code: 'horizons-differ' });
  });

  it('stop when they are told to, with nothing written', async () => {
    const out = freshFolder();
    await expect(compareModels({ models: [small, logistic], candles: [candles], out }, { now, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(readdirSync(out)).toEqual([]);
  });
});

it('crpbot compare prints both tables and writes both files', async () => {
  const out = freshFolder();
  const printed: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  const status = await main(['compare', small, logistic, '--candles', candles, '--costs', '0,10', '--out', out]).finally(() => (process.stdout.write = write));
  expect({ status, files: readdirSync(out).sort() }).toEqual({ status: 0, files: ['compare.csv', 'compare.html'] });
  expect(printed.join('')).toMatch(/^Comparing 2 models of ETH-SIM: [^]*less that of logistic[^]*^lstm +70\.6 %[^]*net at 10 bps[^]*^Report: /m);
});

it('a feature set of one’s own is held against what models see already, and every training is on record', async () => {
  const out = freshFolder();
  const mine = defineFeatureSet({ name: 'own-2', features: [{ name: 'return_15', warmupRows: 15, compute: ({ close }) => close.map((price, t) => Math.log(price / close[t - 15])) }] });
  const base = featureRecipe('v1-31');
  const { comparison, gains } = await compareFeatureSets({ candles: [candles], symbol: 'ETH-SIM', base, others: [mine, extendFeatureSet('v1-31-own', base, mine)], kinds: ['logistic'], out }, { now: () => now });
  const [{ models, reference }] = comparison.symbols;
  expect(reference).toBe('logistic v1-31');
  expect(gains.map(({ name, base: from }) => [name, from])).toEqual([['logistic own-2', 'logistic v1-31'], ['logistic v1-31-own', 'logistic v1-31']]);
  for (const { name, ...gain } of gains) expect(models.find((model) => model.name === name)?.against).toEqual({ difference: gain.difference, interval: gain.interval, blockLength: gain.blockLength });
  expect(readTrials(join(out, 'trials.jsonl')).map(({ parameters }) => parameters.featureSet)).toEqual(['v1-31', 'own-2', 'v1-31-own']);
});

it('boosting is offered where a Python has LightGBM, and only there', async () => {
  expect(await availableBaselines({ python: join(scratch, 'no-python') })).toEqual(['logistic']);
});
