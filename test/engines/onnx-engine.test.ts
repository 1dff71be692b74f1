import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Windows } from '../../src/datasets/windows.js';
import type { Scorer } from '../../src/engines/engine.js';
import { buildOnnx } from '../../src/engines/onnx/build-onnx.js';
import { OnnxGraph } from '../../src/engines/onnx/graph.js';
import { openOnnx, type OnnxEngineOptions } from '../../src/engines/onnx/onnx-engine.js';
import { describeOnnx } from '../../src/models/onnx-file.js';
import { readCheckpoint } from '../../src/models/read-checkpoint.js';
import { readParquet } from '../../src/tables/parquet.js';
import { fixtures } from '../support/requirements.js';

// What PyTorch 2.13 gave for these files and inputs: test/fixtures/checkpoints/expected.json.
const expected = JSON.parse(readFileSync(join(fixtures, 'checkpoints/expected.json'), 'utf8')) as Record<string, number[]>;
const checkpoint = (name: string, options = {}) => readCheckpoint(join(fixtures, 'checkpoints', `${name}.pt`), options);

/** The inputs' windows: w is rows w * length .. (w + 1) * length - 1. */
function inputWindows(name: string, length: number): Windows {
  const table = readParquet(join(fixtures, 'checkpoints', `${name}.parquet`));
  const featureCount = table.names.length;
  const rows = new Float32Array(table.rows * featureCount);
  table.names.forEach((column, feature) => table.column(column).forEach((value, row) => (rows[row * featureCount + feature] = value)));
  const ends = Int32Array.from({ length: table.rows / length }, (_, window) => (window + 1) * length - 1);
  return { rows, rowCount: table.rows, featureCount, length, ends };
}

/** Overlapping windows over the same rows, as an evaluation has them. */
function overlapping(windows: Windows, count: number): Windows {
  return { ...windows, ends: Int32Array.from({ length: count }, (_, index) => windows.length - 1 + index) };
}

const open: Scorer[] = [];
async function scorer(model: Parameters<typeof openOnnx>[0], options: Partial<OnnxEngineOptions> = {}): Promise<Scorer> {
  const made = await openOnnx(model, { windowLength: 60, device: 'cpu', threads: 2, ...options });
  open.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.dispose()));
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index])), 0);
}

describe('P(up) against PyTorch', () => {
  const cases = [
    ['lstm_final_hidden_50_16x2', 'input_50', 60, 1e-6],
    ['lstm_bare_state_dict', 'input_50', 60, 1e-6],
    ['lstm_data_parallel', 'input_50', 60, 1e-6],
    ['lstm_old_format', 'input_50', 60, 1e-6],
    ['lstm_float16', 'input_50', 60, 1e-3],
    ['lstm_last_step_31_16x3', 'input_31', 60, 1e-6],
  ] as const;
  for (const [name, input, length, tolerance] of cases) {
    it(name, async () => {
      const p = await (await scorer(checkpoint(name))).score(inputWindows(input, length));
      expect(largestDifference(p, expected[name])).toBeLessThanOrEqual(tolerance);
    });
  }

  it('transformer_31_32x2, told that it has 4 heads', async () => {
    const p = await (await scorer(checkpoint('transformer_31_32x2', { heads: 4 }), { windowLength: 100 })).score(inputWindows('input_31_seq100', 100));
    expect(largestDifference(p, expected.transformer_31_32x2)).toBeLessThanOrEqual(1e-6);
  });

  it('tells the heads apart: 8 heads give other numbers than 4', async () => {
    const p = await (await scorer(checkpoint('transformer_31_32x2', { heads: 8 }), { windowLength: 100 })).score(inputWindows('input_31_seq100', 100));
    expect(largestDifference(p, expected.transformer_31_32x2)).toBeGreaterThan(1e-4);
  });
});

describe('scoring', () => {
  it('gives the same numbers whatever the batch, the threads and the overlap', async () => {
    const windows = overlapping(inputWindows('input_50', 60), 700);
    const model = checkpoint('lstm_final_hidden_50_16x2');
    const reference = await (await scorer(model, { batch: 1, threads: 1 })).score(windows);
    for (const [batch, threads] of [[7, 2], [64, 1], [256, 2], [1000, 2]] as const) {
      const p = await (await scorer(model, { batch, threads })).score(windows);
      expect(largestDifference(p, reference)).toBeLessThanOrEqual(2e-7);
    }
  });

  it('scores windows with holes between them', async () => {
    const windows = overlapping(inputWindows('input_50', 60), 300);
    const holes = { ...windows, ends: windows.ends.filter((_, index) => index % 7 !== 3) };
    const model = await scorer(checkpoint('lstm_final_hidden_50_16x2'));
    const all = await model.score(windows);
    const some = await model.score(holes);
    expect(largestDifference(some, all.filter((_, index) => index % 7 !== 3))).toBeLessThanOrEqual(2e-7);
  });

  it('a head given from outside changes the numbers and nothing else', async () => {
    const windows = inputWindows('input_50', 60);
    const overridden = checkpoint('lstm_final_hidden_50_16x2', { head: 'last-step' });
    const p = await (await scorer(overridden)).score(windows);
    const difference = largestDifference(p, expected.lstm_final_hidden_50_16x2);
    expect(difference).toBeGreaterThan(1e-5);
    expect(difference).toBeLessThan(0.1);
  });

  it('int8 stays near fp32 without being it', async () => {
    const windows = overlapping(inputWindows('input_50', 60), 300);
    const exact = await (await scorer(checkpoint('lstm_final_hidden_50_16x2'))).score(windows);
    const screened = await (await scorer(checkpoint('lstm_final_hidden_50_16x2'), { precision: 'int8' })).score(windows);
    const difference = largestDifference(screened, exact);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(5e-3);
  });

  it('int8 runs a transformer too', async () => {
    const windows = inputWindows('input_31_seq100', 100);
    const screened = await (await scorer(checkpoint('transformer_31_32x2', { heads: 4 }), { windowLength: 100, precision: 'int8' })).score(windows);
    expect(largestDifference(screened, expected.transformer_31_32x2)).toBeLessThan(0.05);
  });

  it('reports progress up to the last window', async () => {
    const windows = overlapping(inputWindows('input_50', 60), 500);
    const events: number[] = [];
    await (await scorer(checkpoint('lstm_final_hidden_50_16x2'))).score(windows, { onProgress: ({ done, total }) => events.push(done / total!) });
    expect(events.at(-1)).toBe(1);
  });

  it('stops when told to, and can be used again', async () => {
    const windows = overlapping(inputWindows('input_50', 60), 3000);
    const model = await scorer(checkpoint('lstm_final_hidden_50_16x2'), { batch: 8 });
    const abort = new AbortController();
    const running = model.score(windows, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const again = await model.score({ ...windows, ends: windows.ends.subarray(0, 10) });
    expect(again.every((p) => p > 0 && p < 1)).toBe(true);
  });

  it('refuses what is no probability, naming the window', async () => {
    const graph = new OnnxGraph();
    const mean = graph.node('ReduceMean', [graph.input('windows', ['batch', 60, 50])], { axes: [1, 2], keepdims: 0 });
    graph.nameOutput(graph.node('Reshape', [mean, graph.integers([-1, 1])]), 'p', ['batch', 1]);
    const windows = inputWindows('input_50', 60);
    windows.rows.fill(0.5).fill(5, 60 * 50 * 2, 60 * 50 * 3);
    const model = await scorer(describeOnnx(graph.encode(), 'mean.onnx', ''));
    await expect(model.score(windows)).rejects.toMatchObject({ code: 'not-a-probability', message: 'mean.onnx gives 5 for window 2, not a probability' });
  });

  it('a GPU that was asked for and is not there is an error', async () => {
    await expect(scorer(checkpoint('lstm_final_hidden_50_16x2'), { device: 'gpu' })).rejects.toMatchObject({ code: 'no-cuda' });
  });
});

describe('an ONNX file', () => {
  it('of ours says what it is and scores as the checkpoint does', async () => {
    const { architecture, weights } = checkpoint('lstm_final_hidden_50_16x2');
    const bytes = buildOnnx(architecture, weights, { windowLength: 60, layout: 'batch-first', precision: 'fp32', metadata: { crpbot: '{"horizon":15}' } });
    const model = describeOnnx(bytes, 'model.onnx', '');
    expect(model).toMatchObject({ inputSize: 50, windowLength: 60, manifest: { horizon: 15 }, outputIndex: 0 });
    const p = await (await scorer(model)).score(inputWindows('input_50', 60));
    expect(largestDifference(p, expected.lstm_final_hidden_50_16x2)).toBeLessThanOrEqual(1e-6);
  });

  it('that is not one is refused', () => {
    expect(() => describeOnnx(Buffer.from('not a model at all'), 'x.onnx', '')).toThrow(/x\.onnx cannot be used/);
    expect(() => describeOnnx(new Uint8Array(0), 'x.onnx', '')).toThrow(/not an ONNX model/);
  });

  it('that ONNX Runtime cannot load is refused with its reason', async () => {
    const { architecture, weights } = checkpoint('lstm_final_hidden_50_16x2');
    const bytes = buildOnnx(architecture, weights, { windowLength: 60, layout: 'batch-first', precision: 'fp32' });
    const model = describeOnnx(bytes, 'model.onnx', '');
    await expect(scorer({ ...model, bytes: bytes.slice(0, bytes.length / 2) })).rejects.toMatchObject({ code: 'bad-onnx' });
  });

  const ours = (metadata: string, windowLength = 60) => {
    const { architecture, weights } = checkpoint('lstm_final_hidden_50_16x2');
    return buildOnnx(architecture, weights, { windowLength, layout: 'batch-first', precision: 'fp32', metadata: { crpbot: metadata } });
  };
  it.each(['null', '[]', '5', '{', '{"columns":5}', '{"horizon":-5}', '{"windowLength":"60"}', '{"windowMode":"other"}', '{"scaler":{}}', '{"scaler":{"mean":[null],"std":[1]}}', '{"unknown":1}'])(
    'whose manifest is %s is refused, not half believed',
    (metadata) => {
      expect(() => describeOnnx(ours(metadata), 'm.onnx', '')).toThrow(expect.objectContaining({ code: 'corrupt-checkpoint', place: { file: 'm.onnx' } }));
    },
  );

  it('whose manifest and input say windows of two lengths is refused', () => {
    expect(() => describeOnnx(ours('{"windowLength":30}'), 'm.onnx', '')).toThrow(/windows of 30 rows and its input has 60/);
  });

  /** `p` = sigmoid of the mean of each window over `axes`. */
  const meanOf = (axes: readonly number[], batch: number | string, output: readonly (number | string)[]) => {
    const graph = new OnnxGraph();
    const mean = graph.node('ReduceMean', [graph.input('x', [batch, 2, 50])], { axes: [...axes], keepdims: 0 });
    graph.nameOutput(graph.node('Sigmoid', [mean]), 'p', output);
    return graph.encode();
  };
  it('that takes one window only is refused with what to do', () => {
    expect(() => describeOnnx(meanOf([1, 2], 1, [1]), 'm.onnx', '')).toThrow(expect.objectContaining({ code: 'bad-onnx', hint: expect.stringContaining('dynamic_axes') as string }));
  });

  it('that gives 50 values a window is refused: none of them is known to be P(up)', async () => {
    const model = await scorer(describeOnnx(meanOf([1], 'batch', ['batch', 50]), 'm.onnx', ''), { windowLength: 2 });
    await expect(model.score({ ...inputWindows('input_50', 60), length: 2 })).rejects.toMatchObject({ code: 'bad-onnx', message: expect.stringContaining('values for') as string });
  });

  it('more windows a run than there are is no more than all of them', async () => {
    const model = await scorer(checkpoint('lstm_final_hidden_50_16x2'), { batch: 2 ** 40 });
    expect(largestDifference(await model.score(inputWindows('input_50', 60)), expected.lstm_final_hidden_50_16x2)).toBeLessThanOrEqual(1e-6);
  });
});
