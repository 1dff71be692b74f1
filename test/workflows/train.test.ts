import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, describe } from 'vitest';
import { readCheckpoint } from '../../src/models/read-checkpoint.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import type { TrainingSettings } from '../../src/training/training-settings.js';
import { readTrials } from '../../src/training/trials.js';
import { evaluate, type EvaluateRun } from '../../src/workflows/evaluate.js';
import { simulateCandles } from '../../src/workflows/simulate.js';
import { crossValidation } from '../../src/workflows/training/cross-validation.js';
import { planData } from '../../src/workflows/training/data-plan.js';
import { retrain, type RetrainRun } from '../../src/workflows/training/retrain.js';
import { trainModels, type TrainRun } from '../../src/workflows/training/train.js';
import { describeWithTensorFlow } from '../support/requirements.js';

const folder = mkdtempSync(join(tmpdir(), 'train-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sample = ['data/sample'];
/** Enough to find the sample's planted drift. */
const quick: Partial<TrainingSettings> = { epochs: 2, seed: 5 };

function onlyModel({ outcomes: [outcome] }: TrainRun) {
  if (!('model' in outcome)) throw outcome.error;
  return outcome.model;
}

describe('what there is to train on', () => {
  it('is told by the names of files, and may be narrowed to some symbols', () => {
    expect(planData({ candles: sample, symbols: ['eth_sim'] }).symbols.map(({ symbol }) => symbol)).toEqual(['ETH-SIM']);
    expect(() => planData({ candles: sample, symbols: ['DOGE-USD'] })).toThrow(/no data of DOGE-USD in data\/sample; there is data of BTC-SIM, ETH-SIM, SOL-SIM/);
  });
});

describeWithTensorFlow('training on the sample', () => {
  const out = join(folder, 'new');
  let run: TrainRun;
  beforeAll(async () => {
    run = await trainModels({ candles: sample, symbols: ['BTC-SIM'], model: 'tcn', width: 16, settings: quick, formats: ['safetensors', 'pt', 'onnx'], outDir: out }, {});
  }, 120_000);

  it('writes a model that says all that an evaluation must know', async () => {
    const { files, validation, trials } = onlyModel(run);
    expect(files.map((file) => file.replace(/^.*\.(?=[a-z]+$)/, ''))).toEqual(['safetensors', 'pt', 'onnx']);
    const { manifest } = readCheckpoint(files[0]);
    expect(manifest).toMatchObject({ featureSet: 'v2-50', alignment: 'causal', horizon: 15, windowLength: 64, windowMode: 'repo', symbol: 'BTC-SIM', metrics: { seed: 5, trials: 1 } });
    expect(validation[0].accuracy).toBeGreaterThan(validation[0].baseline + 0.05);
    expect(trials).toBe(1);

    const evaluation = await evaluate({ models: files, candles: sample, out: join(folder, 'results') }, { now: 0 });
    const [result] = evaluation.run.models;
    expect(result.assumed).toEqual([]);
    expect(result.seenInTraining).toBeUndefined();
    expect(result.evaluation.classification.accuracy).toBeGreaterThan(0.6);
  }, 120_000);

  it('is not taken for a model of other candles of the same time without a word', async () => {
    const { files } = onlyModel(run);
    const other = join(folder, 'other');
    await simulateCandles({ symbols: ['BTC-SIM'], days: 30, start: '2025-01-06', seed: 99, out: other });
    const own = await evaluate({ models: [files[0]], candles: sample, out: join(folder, 'own-market') }, { now: 0 });
    const foreign = await evaluate({ models: [files[0]], candles: [other], out: join(folder, 'other-market') }, { now: 0 });
    const said = ({ run: { models: [{ warnings }] } }: EvaluateRun) => warnings.filter((text) => text.includes('trained on other candles'));
    expect([said(own).length, said(foreign).length]).toEqual([0, 1]);
  }, 120_000);

  it('gives the same probabilities from all three formats', async () => {
    const { files } = onlyModel(run);
    const accuracies = await Promise.all(files.map(async (file, index) => (await evaluate({ models: [file], candles: sample, out: join(folder, `format-${index}`) }, { now: 0 })).run.models[0].evaluation.classification));
    expect(accuracies[1]).toEqual(accuracies[0]);
    expect(accuracies[2].accuracy).toBeCloseTo(accuracies[0].accuracy, 3);
  }, 120_000);

  it('records the try and leaves no state behind', () => {
    const [trial, ...others] = readTrials(join(folder, 'trials.jsonl'));
    expect(others).toEqual([]);
    expect(trial).toMatchObject({ symbol: 'BTC-SIM', model: 'tcn', seed: 5, parameters: { featureSet: 'v2-50', epochs: 2 } });
    expect(trial.data.training).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(out).filter((name) => name.endsWith('.training'))).toEqual([]);
  });

  it('gives the same file from the same seed', async () => {
    const again = await trainModels({ candles: sample, symbols: ['BTC-SIM'], model: 'tcn', width: 16, settings: quick, outDir: join(folder, 'again', 'new') }, {});
    expect(readFileSync(onlyModel(again).files[0])).toEqual(readFileSync(onlyModel(run).files[0]));
  }, 120_000);

  it('pools symbols into one model, written once a symbol with its own scaler', async () => {
    const pooled = await trainModels({ candles: sample, symbols: ['BTC-SIM', 'ETH-SIM'], pool: true, model: 'tcn', width: 16, layers: 4, settings: { ...quick, epochs: 1 }, outDir: join(folder, 'pooled', 'new') }, {});
    const [btc, eth] = onlyModel(pooled).files.map((file) => readCheckpoint(file));
    expect([btc.manifest.symbol, eth.manifest.symbol]).toEqual(['BTC-SIM', 'ETH-SIM']);
    expect(btc.manifest.scaler).not.toEqual(eth.manifest.scaler);
    expect(btc.weights.get('tcn.input.weight')).toEqual(eth.weights.get('tcn.input.weight'));
  }, 120_000);

  it('cross-validates symbols pooled into one model: a result a symbol and fold', async () => {
    const { outcomes } = await trainModels({ candles: sample, symbols: ['BTC-SIM', 'ETH-SIM'], pool: true, folds: 2, foldKind: 'purged', model: 'tcn', featureSet: 'v1-31', width: 8, layers: 2, settings: { ...quick, epochs: 1 }, outDir: join(folder, 'pooled-folds', 'new') }, {});
    const { results, summary, failed } = crossValidation(outcomes)!;
    expect(failed).toEqual([]);
    expect(results.map(({ symbol, fold }) => `${symbol} ${fold}`)).toEqual(['BTC-SIM 1', 'ETH-SIM 1', 'BTC-SIM 2', 'ETH-SIM 2']);
    expect(summary.map(({ symbol, results: count }) => [symbol, count])).toEqual([['BTC-SIM', 2], ['ETH-SIM', 2]]);
  }, 120_000);

  it('trains a Transformer from the command line, which is evaluated like any model', async () => {
    const out = join(folder, 'transformer', 'new');
    const cut = join(folder, 'ETH-SIM_1m.parquet');
    const table = readParquet('data/sample/ETH-SIM_1m_2025-01-06_2025-02-04.parquet');
    writeParquet(cut, table.names.map((name) => [name, table.column(name).slice(0, 8000)] as const), { timeColumn: 'timestamp' });
    const child = spawnSync(process.execPath, ['bin/crpbot.js', 'train', '--candles', cut, '--model', 'transformer', '--feature-set', 'v1-31', '--width', '16', '--layers', '1', '--window-length', '20', '--epochs', '3', '--batch', '64', '--learning-rate', '0.003', '--out', out], { encoding: 'utf8' });
    expect(child.status, child.stderr).toBe(0);
    expect(child.stdout).toMatch(/ETH-SIM {2}transformer {2}best epoch \d of 3/);
    const { run: { models: [model] } } = await evaluate({ models: [out], candles: [cut], out: join(folder, 'transformer', 'results') }, { now: 0 });
    expect([model.model, model.assumed]).toEqual([expect.stringMatching(/^transformer_ETH_SIM_1m_[0-9a-f]{8}\.safetensors$/), []]);
    // The market's drift is planted: what learnt nothing is right half of the time.
    expect(model.evaluation.classification.accuracy).toBeGreaterThan(0.58);
  }, 120_000);

  it('says why a symbol could not be trained, and trains the others', async () => {
    const { outcomes } = await trainModels({ candles: sample, symbols: ['BTC-SIM', 'ETH-SIM'], model: 'tcn', width: 16, layers: 4, settings: { ...quick, epochs: 1, batchSize: 100_000 }, outDir: join(folder, 'large', 'new') }, {});
    expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error.message : ''))).toEqual([expect.stringMatching(/fewer than one batch of 100000/), expect.stringMatching(/fewer than one batch of 100000/)]);
  }, 120_000);
});

describeWithTensorFlow('retraining', () => {
  let run: RetrainRun;
  const tries: string[] = [];
  const own = join(folder, 'retrain', 'trials-ETH-SIM', 'notes.txt');
  beforeAll(async () => {
    mkdirSync(dirname(own), { recursive: true });
    writeFileSync(own, 'mine');
    run = await retrain(
      { candles: sample, symbols: ['ETH-SIM', 'SOL-SIM'], models: ['tcn'], mostTrials: 2, budgetMinutes: 5, settings: { epochs: 4 }, outDir: join(folder, 'retrain', 'new'), resultsDir: join(folder, 'retrain', 'results') },
      { now: Date.now, onTrial: (symbol, { diagnosis }) => tries.push(`${symbol} ${diagnosis}`) },
    );
  }, 300_000);

  it('finds a model that passes on validation where a signal is planted, and none where there is not', () => {
    const [eth, sol] = run.searches;
    expect([eth.ended, eth.trials.length]).toEqual(['passed', 1]);
    expect([sol.ended, sol.trials.length]).toEqual(['trials', 2]);
    expect(tries).toContain('ETH-SIM passes');
    expect(tries.filter((each) => each.startsWith('SOL-SIM'))).not.toContain('SOL-SIM passes');
  });

  it('evaluates what it kept once, and says how many tries came before', () => {
    expect(run.evaluation.run.models.map(({ symbol, trials }) => [symbol, trials])).toEqual([['ETH-SIM', 1], ['SOL-SIM', 2]]);
    expect(readdirSync(join(folder, 'retrain', 'new')).filter((name) => name.endsWith('.safetensors'))).toHaveLength(2);
  });

  it('removes its own tries, and nothing of a person’s that has a name like them', () => {
    expect(readdirSync(join(folder, 'retrain', 'new')).filter((name) => !name.endsWith('.safetensors'))).toEqual([]);
    expect(readFileSync(own, 'utf8')).toBe('mine');
  });

  it('stops the other symbols before it says that one cannot be trained', async () => {
    const few = join(folder, 'BTC-SIM_1m.csv');
    writeFileSync(few, `timestamp,open,high,low,close,volume\n${Array.from({ length: 100 }, (_, minute) => `${new Date(60_000 * minute).toISOString()},1,1,1,1,1`).join('\n')}\n`);
    const outDir = join(folder, 'one-fails', 'new');
    const reported: number[] = [];
    const run = retrain({ candles: [few, 'data/sample/ETH-SIM_1m_2025-01-06_2025-02-04.parquet'], models: ['tcn'], budgetMinutes: 5, processes: 2, settings: { epochs: 50 }, outDir, resultsDir: join(folder, 'one-fails', 'results') }, { now: Date.now, onProgress: () => reported.push(1) });
    await expect(run).rejects.toMatchObject({ name: 'InputError' });
    const before = reported.length;
    expect(readdirSync(outDir)).toEqual([]);
    await new Promise((done) => setTimeout(done, 2000));
    expect(reported.length).toBe(before);
  }, 120_000);
});
