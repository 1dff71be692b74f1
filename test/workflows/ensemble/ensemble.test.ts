import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { logisticOnnx } from '../../../src/engines/onnx/baseline-graphs.js';
import { applyProbabilityCalibration } from '../../../src/evaluation/probability-calibration.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import type { Architecture } from '../../../src/models/architecture.js';
import { writeSafetensors } from '../../../src/models/safetensors/write-safetensors.js';
import { weightShapes } from '../../../src/models/weight-shapes.js';
import { createRandom } from '../../../src/random.js';
import { readParquet, writeParquet } from '../../../src/tables/parquet.js';
import { initialWeights } from '../../../src/training/initial-weights.js';
import { buildEnsembles, type EnsembleOptions } from '../../../src/workflows/ensemble/build-ensemble.js';
import { decodeEnsemble, type EnsembleFile } from '../../../src/workflows/ensemble/ensemble-file.js';
import { evaluate } from '../../../src/workflows/evaluate.js';
import { projectRoot } from '../../support/requirements.js';

const scratch = mkdtempSync(join(tmpdir(), 'crpbot-ensemble-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
function freshFolder(): string {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  return folder;
}

const ROWS = 6000;
const TEST_FROM = Math.floor(0.85 * ROWS);
const sample = readParquet(join(projectRoot, 'data/sample/BTC-SIM_1m_2025-01-06_2025-02-04.parquet'));

/** The first rows of the sample; from `changedFrom` on prices are half as high. */
function candles(changedFrom = Infinity): string {
  const file = join(freshFolder(), 'BTC-SIM_1m.parquet');
  const prices = ['open', 'high', 'low', 'close'];
  writeParquet(file, sample.names.map((name) => [name, sample.column(name).slice(0, ROWS).map((value, row) => (row >= changedFrom && prices.includes(name) ? value / 2 : value))] as const), { timeColumn: 'timestamp' });
  return file;
}

/** A logistic regression by hand: it looks at one column, with a window of one row. */
function oneColumn(folder: string, set: 'v1-31' | 'v2-50', column: string, weight: number, more: object = {}): string {
  const { columns } = featureSet(set, 'causal');
  const weights = Float64Array.from(columns, (name) => (name === column ? weight : 0));
  const manifest = { featureSet: set, alignment: 'causal', columns, windowLength: 1, windowMode: 'repo', horizon: 15, ...more };
  const file = join(folder, `logistic_BTC_SIM_1m_${set}-${column}.onnx`);
  writeFileSync(file, logisticOnnx({ weights, bias: 0 }, { slope: 1, intercept: 0 }, { crpbot: JSON.stringify(manifest) }));
  return file;
}

/** An LSTM with drawn weights and a longer window. */
function smallLstm(folder: string): string {
  const architecture: Architecture = { kind: 'lstm', inputSize: 31, hiddenSize: 4, layers: 1, bidirectional: false, head: 'final-hidden', headSize: 4, headLayers: ['fc.0', 'fc.3'] };
  const file = join(folder, 'lstm_BTC_SIM_1m_small.safetensors');
  writeSafetensors(file, { architecture, weights: initialWeights(weightShapes(architecture), 7), manifest: { featureSet: 'v1-31', alignment: 'causal', windowLength: 20, windowMode: 'repo', horizon: 15 }, assumed: [] });
  return file;
}

function threeModels(): { readonly folder: string; readonly models: readonly string[] } {
  const folder = freshFolder();
  return { folder, models: [oneColumn(folder, 'v1-31', 'price_sma_21_ratio', 0.8), oneColumn(folder, 'v2-50', 'rsi', 0.3), smallLstm(folder)] };
}

const file = candles();
const build = async (models: readonly string[], options: Omit<EnsembleOptions, 'models'> = {}) => (await buildEnsembles({ models, candles: [file], ...options }, {}))[0];

/** P(up) by time. */
async function predictions(models: readonly string[], data = file): Promise<{ readonly byModel: ReadonlyMap<string, ReadonlyMap<number, number>>; readonly run: Awaited<ReturnType<typeof evaluate>>['run'] }> {
  const { run, predictions: written } = await evaluate({ models, candles: [data], out: freshFolder(), predictions: true }, { now: Date.UTC(2026, 0, 1) });
  const byModel = new Map(written.map((path) => {
    const table = readParquet(path);
    const [time, p] = [table.column('timestamp'), table.column('p')];
    return [basename(path).slice('predictions_'.length, -'.parquet'.length), new Map(Array.from(time, (each, index) => [each, p[index]]))];
  }));
  return { byModel, run };
}

describe('an ensemble', () => {
  it('is evaluated like any model: the weighted mean of its members, calibrated, drawn to 0.5, on the windows all have', async () => {
    const { folder, models } = threeModels();
    const { file: ensemble, content } = await build(models, { weights: 'v3', calibration: 'platt', conservativeBias: 0.25, outDir: folder });
    const lstm = content.members.find((member) => member.file.startsWith('lstm_'))!;
    const others = content.members.filter((member) => member !== lstm);
    expect(lstm.weight).toBe(0.35);
    expect(others.length).toBeGreaterThan(0);
    expect(others.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(0.25, 12);
    const { byModel, run } = await predictions([ensemble, ...models]);
    const stem = (path: string): string => basename(path).replace(/\.\w+$/, '');
    const mixed = byModel.get(stem(ensemble))!;
    const members = content.members.map((member) => ({ weight: member.weight, p: byModel.get(stem(member.file))! }));
    const shared = [...members[0].p.keys()].filter((time) => members.every(({ p }) => p.has(time)));
    expect([...mixed.keys()]).toEqual(shared);
    expect(shared.length).toBeGreaterThan(700);
    const total = members.reduce((sum, { weight }) => sum + weight, 0);
    for (const time of shared) {
      const mean = members.reduce((sum, { weight, p }) => sum + (weight / total) * p.get(time)!, 0);
      const [calibrated] = applyProbabilityCalibration(content.calibration!, [mean]);
      expect(mixed.get(time)).toBeCloseTo(0.5 + 0.75 * (calibrated - 0.5), 9);
    }
    const result = run.models.find(({ model }) => model === basename(ensemble))!;
    expect(result.featureSet.split(' + ').sort()).toEqual(['v1-31', 'v2-50']);
    expect(result.warnings.join()).toMatch(/windows are not of all its models, and were left out/);
  });

  it('goes on without a member whose file is gone, and says so; without all of them it does not', async () => {
    const { folder, models } = threeModels();
    const { file: ensemble, content } = await build(models, { weights: 'v3', outDir: folder });
    const [gone, ...rest] = content.members;
    rmSync(join(folder, gone.file));
    const { byModel, run } = await predictions([ensemble]);
    expect(run.models[0].warnings.join()).toContain(`missing: ${gone.file}; the others' weights were renormalised`);
    const others = await predictions(rest.map((member) => join(folder, member.file)));
    const total = rest.reduce((sum, { weight }) => sum + weight, 0);
    const weightOf = (name: string): number => rest.find((member) => member.file.startsWith(name))!.weight / total;
    for (const [time, p] of [...byModel.values()][0]) {
      expect(p).toBeCloseTo([...others.byModel].reduce((sum, [name, each]) => sum + weightOf(name) * each.get(time)!, 0), 9);
    }
    expect(rest.length).toBeGreaterThan(0);
    for (const member of rest) rmSync(join(folder, member.file));
    await expect(predictions([ensemble])).rejects.toMatchObject({ code: 'ensemble-members-missing' });
  });

  it('refuses a member that is another file than it was fitted with', async () => {
    const { folder, models } = threeModels();
    const { file: ensemble, content } = await build(models, { weights: 'v3', outDir: folder });
    const member = join(folder, content.members[0].file);
    copyFileSync(models.find((path) => path !== member)!, member);
    await expect(predictions([ensemble])).rejects.toMatchObject({ code: 'ensemble-member-changed', place: { file: member } });
  });

  it('is fitted on validation rows: other test rows give the same file, other validation rows do not', async () => {
    const { models } = threeModels();
    const [same, otherTest, otherValidation] = await Promise.all([file, candles(TEST_FROM), candles(Math.floor(0.78 * ROWS))].map(async (data) => {
      const { content } = await build(models, { candles: [data], calibration: 'isotonic', outDir: freshFolder() });
      return { ...content, members: content.members.map((member) => ({ ...member, file: basename(member.file) })) };
    }));
    expect(otherTest).toEqual(same);
    expect(otherValidation).not.toEqual(same);
    expect(same.validation.to).toBeLessThan(sample.column('timestamp')[TEST_FROM]);
  });

  it('with fitted weights is no worse than its best member there, and says what each reached', async () => {
    const { folder, models } = threeModels();
    const { scored, mean } = await build(models, { outDir: folder });
    expect(scored.map(({ model }) => model)).toEqual([...models].sort());
    for (const { logLoss } of scored) expect(mean.logLoss).toBeLessThanOrEqual(logLoss + 1e-9);
  });

  it('of which one member alone has a weight says so', async () => {
    const folder = freshFolder();
    const [good, opposite] = [oneColumn(folder, 'v1-31', 'price_sma_21_ratio', 0.2), oneColumn(folder, 'v2-50', 'price_sma_21_ratio', -0.2)];
    const notes: string[] = [];
    const [{ content }] = await buildEnsembles({ models: [good, opposite], candles: [file], outDir: folder }, { onNote: (note) => notes.push(note) });
    expect(content.members).toHaveLength(1);
    expect(notes.join()).toContain(`${good} alone has a weight`);
  });

  it('its validation rows scored are rows it was fitted on', async () => {
    const { folder, models } = threeModels();
    const { file: ensemble } = await build(models, { outDir: folder });
    const shorter = join(freshFolder(), 'BTC-SIM_1m.parquet');
    writeParquet(shorter, sample.names.map((name) => [name, sample.column(name).slice(0, TEST_FROM)] as const), { timeColumn: 'timestamp' });
    const { run } = await predictions([ensemble], shorter);
    expect(run.models[0].seenInTraining).toBe(true);
    expect(run.models[0].gate.passed).toBe(false);
    expect(run.models[0].warnings.join()).toContain('it was fitted on rows up to');
  });

  it('refuses models of two horizons, a single one, and one that has learnt the validation rows', async () => {
    const folder = freshFolder();
    const first = oneColumn(folder, 'v1-31', 'rsi', 0.3);
    const further = oneColumn(folder, 'v1-31', 'macd', 0.3, { horizon: 30 });
    await expect(build([first, further], { outDir: folder })).rejects.toMatchObject({ code: 'horizons-differ' });
    await expect(build([first], { outDir: folder })).rejects.toMatchObject({ code: 'no-ensemble' });
    const later = oneColumn(folder, 'v2-50', 'macd', 0.3, { trainedFrom: 0, trainedTo: sample.column('timestamp')[TEST_FROM - 1] });
    await expect(build([first, later], { outDir: folder })).rejects.toMatchObject({ code: 'saw-validation', place: { file: later } });
  });

  it('gives a symbol of one model none, says so at once, and mixes those of the others', async () => {
    const { folder, models } = threeModels();
    copyFileSync(models[0], join(folder, basename(models[0]).replace('BTC_SIM', 'AAA_SIM')));
    const both = freshFolder();
    for (const name of ['AAA-SIM_1m.parquet', 'BTC-SIM_1m.parquet']) copyFileSync(file, join(both, name));
    const notes: string[] = [];
    const built = await buildEnsembles({ models: [folder], candles: [both], outDir: folder }, { onNote: (note) => notes.push(note) });
    expect(built.map(({ symbol }) => symbol)).toEqual(['BTC-SIM']);
    expect(notes[0]).toMatch(/^AAA-SIM: an ensemble needs two models or more, and there is .*: it gets none$/);
  });

  it('is fp32, and an option that contradicts its file is an error', async () => {
    const { folder, models } = threeModels();
    const { file: ensemble } = await build(models, { outDir: folder });
    const run = (options: object) => evaluate({ models: [ensemble], candles: [file], out: freshFolder(), ...options }, { now: 0 });
    await expect(run({ precision: 'int8' })).rejects.toMatchObject({ code: 'int8-unsupported' });
    await expect(run({ horizon: 30 })).rejects.toMatchObject({ code: 'option-does-not-fit' });
  });
});

describe("an ensemble's file", () => {
  const figures = { logLoss: 0.6, accuracy: 0.6, calibrationError: 0.01 };
  const valid: EnsembleFile & { readonly format: string; readonly version: number } = {
    format: 'crpbot-ensemble',
    version: 1,
    symbol: 'BTC-SIM',
    horizon: 15,
    members: [{ file: 'a.pt', sha256: 'ab'.repeat(32), weight: 1, inputs: { featureSet: 'v1-31', alignment: 'causal', windowLength: 60, windowMode: 'repo' }, validation: figures }],
    conservativeBias: 0,
    weightsFrom: 'v3',
    validation: { ...figures, from: 1, to: 2, windows: 3 },
    versions: { crpbot: '1' },
  };
  const [member] = valid.members;

  it('is read back as it was written', () => {
    const { format, version, ...content } = valid;
    expect(decodeEnsemble(JSON.stringify(valid), 'e.json')).toEqual(content);
    expect([format, version]).toEqual(['crpbot-ensemble', 1]);
  });

  it.each([
    ['weight below 0', { members: [{ ...member, weight: -1 }] }],
    ['weights whose sum is no number', { members: [{ ...member, weight: 1e308 }, { ...member, file: 'other.onnx', weight: 1e308 }] }],
    ['no member', { members: [] }],
    ['a member twice', { members: [member, member] }],
    ['a hash that is none', { members: [{ ...member, sha256: '../..' }] }],
    ['a bias above 1', { conservativeBias: 1.5 }],
    ['a falling curve', { calibration: { method: 'isotonic', score: [0, 1], probability: [0.9, 0.1] } }],
    ['a slope that turns it round', { calibration: { method: 'platt', slope: -1, intercept: 0 } }],
    ['a field nobody knows', { comment: 'x' }],
    ['a newer version', { version: 2 }],
  ])('is refused with %s', (_, change) => {
    expect(() => decodeEnsemble(JSON.stringify({ ...valid, ...change }), 'e.json')).toThrow(expect.objectContaining({ code: 'corrupt-checkpoint' }) as Error);
  });

  it('is refused cut short anywhere', () => {
    const text = JSON.stringify(valid);
    const random = createRandom(1);
    for (let attempt = 0; attempt < 20; attempt++) expect(() => decodeEnsemble(text.slice(0, Math.floor(random() * text.length)), 'e.json')).toThrow(expect.objectContaining({ code: 'corrupt-checkpoint' }) as Error);
  });
});
