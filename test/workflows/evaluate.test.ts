import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/models/read-checkpoint.js';
import { writeSafetensors } from '../../src/models/safetensors/write-safetensors.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { convertModel } from '../../src/workflows/convert.js';
import { evaluate } from '../../src/workflows/evaluate.js';
import type { EvaluateOptions } from '../../src/workflows/evaluate-options.js';
import { computeFeatureFiles } from '../../src/workflows/features.js';
import { describeWithShared, fixtures, projectRoot } from '../support/requirements.js';

const scratch = mkdtempSync(join(tmpdir(), 'crpbot-evaluate-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => join(scratch, String(folders++));

const model = (symbol: string) => join(projectRoot, `models/sample/lstm_${symbol}_1m_demo.pt`);
const candles = (symbol: string) => join(projectRoot, `data/sample/${symbol}_1m_2025-01-06_2025-02-04.parquet`);
const run = (options: EvaluateOptions, control = {}) => evaluate({ out: freshFolder(), ...options }, { now: Date.UTC(2026, 0, 1), ...control });

/** The first `rows` candles of a sample file, under its own name in a folder of its own. */
function firstCandles(symbol: string, rows: number): string {
  const folder = freshFolder();
  mkdirSync(folder);
  const table = readParquet(candles(symbol));
  const file = join(folder, `${symbol}_1m.parquet`);
  writeParquet(file, table.names.map((name) => [name, table.column(name).slice(0, rows)] as const), { timeColumn: 'timestamp' });
  return file;
}

describe('evaluate on the sample', () => {
  it('reproduces PyTorch window by window without an embargo', async () => {
    const expected = readParquet(join(fixtures, 'sim/lstm_ETH-SIM_1m_demo.expected.parquet'));
    const facts = (JSON.parse(readFileSync(join(fixtures, 'sim/expected.json'), 'utf8')) as Record<string, { accuracy: number; calibration_error: number; windows: number }>)['lstm_ETH-SIM_1m_demo.pt'];
    const { run: result, predictions } = await run({ models: [model('ETH-SIM')], candles: [candles('ETH-SIM')], embargo: 0, predictions: true });
    const { evaluation } = result.models[0];
    expect(evaluation.windows).toBe(facts.windows);
    expect(evaluation.classification.accuracy).toBeCloseTo(facts.accuracy, 9);
    expect(evaluation.calibration.error).toBeCloseTo(facts.calibration_error, 6);
    const written = readParquet(predictions[0]);
    const [p, reference] = [written.column('p'), expected.column('p')];
    expect(Array.from(written.column('label'))).toEqual(Array.from(expected.column('y')));
    expect(Math.max(...p.map((value, index) => Math.abs(value - reference[index])))).toBeLessThanOrEqual(1e-6);
  });

  it('says what it assumed, writes the four files, and adds to the history', async () => {
    const out = freshFolder();
    const options = { models: [model('SOL-SIM')], candles: [firstCandles('SOL-SIM', 9000)], out };
    const { run: result, files } = await run(options);
    expect(result.models[0].assumed.join('; ')).toMatch(/feature set v2-50.*alignment causal.*window length 60.*horizon 15/);
    expect(readdirSync(out).sort()).toEqual(['evaluation_results.csv', 'evaluation_results.json', 'history.csv', 'report.html']);
    expect(readFileSync(files.csv, 'utf8').split('\n')[0]).toMatch(/^symbol,accuracy,precision,recall,f1,calibration_error,num_samples,model,/);
    await run(options);
    expect(readFileSync(files.history, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('gives the same figures from ready-made features as from candles, and from safetensors and ONNX as from .pt', async () => {
    const file = firstCandles('ETH-SIM', 9000);
    const features = freshFolder();
    await computeFeatureFiles({ candles: [file], outDir: features });
    const [safetensors, onnx] = [join(scratch, 'lstm_ETH-SIM_1m_a.safetensors'), join(scratch, 'lstm_ETH-SIM_1m_b.onnx')];
    const told = { featureSet: 'v2-50', alignment: 'causal', windowLength: 60, windowMode: 'repo', horizon: 15 } as const;
    convertModel(model('ETH-SIM'), { to: 'safetensors', out: safetensors, ...told });
    convertModel(model('ETH-SIM'), { to: 'onnx', out: onnx, ...told });
    const fromCandles = (await run({ models: [model('ETH-SIM')], candles: [file] })).run.models[0];
    let ignored: readonly string[] = ['not planned yet'];
    const fromFeatures = (await run({ models: [safetensors], features: [features] }, { onPlan: (plan: { ignored: readonly string[] }) => (ignored = plan.ignored) })).run.models[0];
    expect(ignored).toEqual([]);
    const fromOnnx = (await run({ models: [onnx], candles: [file] })).run.models[0];
    expect(fromFeatures.evaluation.classification).toEqual(fromCandles.evaluation.classification);
    expect(fromOnnx.evaluation.classification.accuracy).toBe(fromCandles.evaluation.classification.accuracy);
    expect(fromFeatures.assumed).toEqual(['scaler fitted on the training rows of this data']);
  });

  it('marks a leaky alignment and scores the checkpoint again on causal features', async () => {
    const { run: result } = await run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 9000)], alignment: 'legacy' });
    const causal = await run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 9000)] });
    const leaky = result.models[0];
    expect(leaky.leaky).toBe(true);
    expect(leaky.gate.passed).toBe(false);
    expect(leaky.causalRescore!.accuracy).toBe(causal.run.models[0].evaluation.classification.accuracy);
  });

  it('legacy-a feeds columns in its own order, causally too', async () => {
    const { run: result } = await run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 3000)], alignment: 'legacy-a', threads: 2 });
    expect(result.models[0].causalRescore!.windows).toBeGreaterThan(0);
  });

  it('int8 says how it agrees with fp32 and decides nothing', async () => {
    const { run: result } = await run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 9000)], precision: 'int8' });
    const { agreement, gate } = result.models[0];
    expect(agreement!.equalDecisions).toBeGreaterThan(0.95);
    expect(agreement!.maxDifference).toBeGreaterThan(0);
    expect(gate.passed).toBe(false);
  });

  it('a pass on rows the model was trained on is a suspect: by --split all, and by what its own file says', async () => {
    const file = firstCandles('ETH-SIM', 9000);
    const gates = { accuracyGate: 0.5, calibrationGate: 0.2 };
    const all = (await run({ models: [model('ETH-SIM')], candles: [file], split: 'all', ...gates })).run.models[0];
    expect(all).toMatchObject({ seenInTraining: true, gate: { accuracyPassed: true, calibrationPassed: true, passed: false, verdict: 'SUSPECT' } });
    const told = (trainedTo: number) => {
      const path = join(scratch, `lstm_ETH-SIM_1m_to${trainedTo}.safetensors`);
      const read = readCheckpoint(model('ETH-SIM'));
      writeSafetensors(path, { ...read, manifest: { trainedFrom: 0, trainedTo, symbol: 'BTC-SIM' } });
      return path;
    };
    const seen = (await run({ models: [told(Date.UTC(2025, 1, 4))], candles: [file], ...gates })).run.models[0];
    expect(seen.seenInTraining).toBe(true);
    expect(seen.warnings.join('; ')).toMatch(/trained on rows up to 2025-02-04.*trained on BTC-SIM, and its name says ETH-SIM/);
    const unseen = (await run({ models: [told(Date.UTC(2025, 0, 6))], candles: [file], ...gates })).run.models[0];
    expect(unseen.seenInTraining).toBeUndefined();
  });

  it('ready-made features go before candles, and that is said', async () => {
    const file = firstCandles('ETH-SIM', 3000);
    const features = freshFolder();
    await computeFeatureFiles({ candles: [file], outDir: features });
    const { run: result } = await run({ models: [model('ETH-SIM')], candles: [file], features: [features] });
    expect(result.warnings.join()).toContain('ETH-SIM has ready-made features, whose own candles are used');
  });

  it('an option that contradicts the file is refused', async () => {
    const told = join(scratch, 'lstm_ETH-SIM_1m_told.safetensors');
    convertModel(model('ETH-SIM'), { to: 'safetensors', out: told, featureSet: 'v2-50', alignment: 'causal', horizon: 15 });
    await expect(run({ models: [told], candles: [candles('ETH-SIM')], horizon: 30 })).rejects.toMatchObject({ code: 'option-does-not-fit', message: expect.stringContaining('horizon 15, not 30') as string });
  });

  it('31 inputs never meet 50 features', async () => {
    const v1 = join(scratch, 'lstm_ETH-SIM_1m_v1.pt');
    copyFileSync(join(fixtures, 'checkpoints/lstm_last_step_31_16x3.pt'), v1);
    await expect(run({ models: [v1], candles: [candles('ETH-SIM')], featureSet: 'v2-50' })).rejects.toMatchObject({ code: 'option-does-not-fit' });
    const { run: result } = await run({ models: [v1], candles: [firstCandles('ETH-SIM', 3000)] });
    expect(result.models[0].featureSet).toBe('v1-31');
  });
});

describe('evaluate on bad input', () => {
  const cases: readonly [string, () => EvaluateOptions, string][] = [
    ['a folder that is not there', () => ({ models: ['nowhere'], candles: [candles('ETH-SIM')] }), 'path-missing'],
    ['a model without data', () => ({ models: [model('ETH-SIM')], candles: [candles('BTC-SIM')] }), 'model-without-data'],
    ['too few candles for one window', () => ({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 120)] }), 'too-few-candles'],
    ['a test split shorter than its embargo', () => ({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 500)] }), 'too-few-candles'],
    ['an output folder that is a file', () => ({ models: [model('ETH-SIM')], candles: [candles('ETH-SIM')], out: candles('ETH-SIM') }), 'cannot-write'],
  ];
  for (const [name, options, code] of cases) {
    it(name, async () => {
      await expect(run(options())).rejects.toMatchObject({ code });
    });
  }

  it('an empty folder', async () => {
    const empty = freshFolder();
    mkdirSync(empty);
    await expect(run({ models: [empty], candles: [candles('ETH-SIM')] })).rejects.toMatchObject({ code: 'no-data-files' });
  });

  for (const bad of ['bad_not_a_checkpoint', 'bad_truncated', 'bad_nan_weight', 'bad_missing_weight', 'bad_executes_code']) {
    it(`${bad}.pt, leaving nothing behind`, async () => {
      const file = join(scratch, `lstm_ETH-SIM_1m_${bad}.pt`);
      copyFileSync(join(fixtures, `checkpoints/${bad}.pt`), file);
      const out = freshFolder();
      await expect(run({ models: [file], candles: [candles('ETH-SIM')], out })).rejects.toMatchObject({ name: 'InputError', place: { file } });
      expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
      expect(existsSync('crpbot_was_here')).toBe(false);
    });
  }

  it('an option for another kind of model', async () => {
    await expect(run({ models: [model('ETH-SIM')], candles: [candles('ETH-SIM')], heads: 4 })).rejects.toMatchObject({ code: 'option-does-not-fit' });
    const transformer = join(scratch, 'transformer_ETH-SIM_1m_x.pt');
    copyFileSync(join(fixtures, 'checkpoints/transformer_31_32x2.pt'), transformer);
    await expect(run({ models: [transformer], candles: [candles('ETH-SIM')], heads: 4, head: 'last-step' })).rejects.toMatchObject({ code: 'option-does-not-fit' });
  });

  it('says how many candles would do, and no way out that is none', async () => {
    const refused = async (options: EvaluateOptions) => run({ models: [model('ETH-SIM')], ...options }).then(() => '', (error: { hint: string }) => error.hint);
    expect(await refused({ candles: [firstCandles('ETH-SIM', 59)] })).toBe('give at least 1000 candles');
    expect(await refused({ candles: [firstCandles('ETH-SIM', 960)] })).toBe('give at least 1000 candles, or an embargo of at most 69 (--embargo), or --split all, to look without judging');
    await expect(run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 1000)] })).resolves.toBeDefined();
    await expect(run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 960)], embargo: 69 })).resolves.toBeDefined();
  });

  it('two models whose predictions would be one file', async () => {
    const [a, b] = ['a', 'b'].map((name) => {
      const folder = join(freshFolder(), name);
      mkdirSync(folder, { recursive: true });
      copyFileSync(model('ETH-SIM'), join(folder, 'lstm_ETH-SIM_1m.pt'));
      return join(folder, 'lstm_ETH-SIM_1m.pt');
    });
    await expect(run({ models: [a, b], candles: [candles('ETH-SIM')], predictions: true })).rejects.toMatchObject({ code: 'same-name', place: { file: b } });
  });

  it('predictions that cannot be written leave the results as they were', async () => {
    const out = freshFolder();
    mkdirSync(join(out, 'predictions_lstm_ETH-SIM_1m_demo.parquet'), { recursive: true });
    await expect(run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 3000)], predictions: true, out })).rejects.toMatchObject({ code: 'cannot-write' });
    expect(readdirSync(out)).toEqual(['predictions_lstm_ETH-SIM_1m_demo.parquet']);
  });

  it('a folder that holds models and data ignores neither', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    copyFileSync(firstCandles('ETH-SIM', 3000), join(folder, 'ETH-SIM_1m.parquet'));
    copyFileSync(model('ETH-SIM'), join(folder, 'lstm_ETH-SIM_1m.pt'));
    writeFileSync(join(folder, 'notes.txt'), 'x');
    let ignored: readonly string[] = [];
    await run({ models: [folder], candles: [folder] }, { onPlan: (plan: { ignored: readonly string[] }) => (ignored = plan.ignored) });
    expect(ignored).toEqual([`${join(folder, 'notes.txt')}: not a model, not candles`]);
  });

  it('data without a model is a warning', async () => {
    const { run: result } = await run({ models: [model('ETH-SIM')], candles: [firstCandles('ETH-SIM', 3000), candles('SOL-SIM')] });
    expect(result.warnings.join()).toContain('no model for SOL-SIM');
  });

  it('an interrupt leaves no result', async () => {
    const out = freshFolder();
    const abort = new AbortController();
    const running = run({ models: [model('ETH-SIM')], candles: [candles('ETH-SIM')], out }, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(out)).toEqual([]);
  });

  it('what stands beside the data is listed, not read', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    copyFileSync(firstCandles('ETH-SIM', 3000), join(folder, 'ETH-SIM_1m.parquet'));
    writeFileSync(join(folder, 'notes.txt'), 'x');
    let ignored: readonly string[] = [];
    await run({ models: [model('ETH-SIM')], candles: [folder] }, { onPlan: (plan: { ignored: readonly string[] }) => (ignored = plan.ignored) });
    expect(ignored.join()).toContain('notes.txt');
  });
});

describeWithShared('evaluate on real candles and PyTorch checkpoints', (samples) => {
  const facts = JSON.parse(samples === '' ? '{}' : readFileSync(join(samples, 'real/expected.json'), 'utf8')) as Record<string, { accuracy: number; calibration_error: number; windows: number }>;
  for (const alignment of ['causal', 'legacy'] as const) {
    it(`${alignment}: windows, labels and probabilities as PyTorch's`, async () => {
      const symbols = ['BTC', 'ETH', 'SOL'];
      const { run: result, predictions } = await run({
        models: symbols.map((symbol) => join(samples, `real/lstm_${symbol}_USDT_1m_${alignment}.pt`)),
        candles: symbols.map((symbol) => join(samples, `real/${symbol}-USDT_1m_2025-05-05_2025-06-03.parquet`)),
        alignment,
        embargo: 0,
        predictions: true,
      });
      expect(result.models).toHaveLength(3);
      expect(result.pooled!.models).toBe(3);
      result.models.forEach((scored, index) => {
        const fact = facts[scored.model];
        expect(scored.evaluation.windows).toBe(fact.windows);
        const expected = readParquet(join(samples, 'real', scored.model.replace('.pt', '.expected.parquet')));
        const written = readParquet(predictions[index]);
        expect(Array.from(written.column('label'))).toEqual(Array.from(expected.column('y')));
        const [p, reference] = [written.column('p'), expected.column('p')];
        expect(Math.max(...p.map((value, window) => Math.abs(value - reference[window])))).toBeLessThanOrEqual(1e-6);
      });
    }, 180_000);
  }
});
