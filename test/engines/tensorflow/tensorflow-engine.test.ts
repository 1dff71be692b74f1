import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Windows } from '../../../src/datasets/windows.js';
import { openOnnx } from '../../../src/engines/onnx/onnx-engine.js';
import { openTensorFlow } from '../../../src/engines/tensorflow/tensorflow-engine.js';
import { InputError } from '../../../src/errors.js';
import { readCheckpoint } from '../../../src/models/read-checkpoint.js';
import { createRandom } from '../../../src/random.js';
import { readParquet } from '../../../src/tables/parquet.js';
import { fixtures } from '../../support/requirements.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';

const read = (path: string, options = {}) => readCheckpoint(join(fixtures, `${path}.pt`), options);

/** Overlapping windows of noise with holes between them, in memory that threads share, as an evaluation has them. */
function noise(featureCount: number, length: number, count: number): Windows {
  const random = createRandom(3);
  const rowCount = length + 2 * count;
  const rows = new Float32Array(new SharedArrayBuffer(rowCount * featureCount * 4));
  rows.forEach((_, index) => (rows[index] = (random() + random() + random() - 1.5) * 2));
  const ends = Int32Array.from({ length: count }, (_, index) => length - 1 + index + (index > count / 2 ? 17 : 0));
  return { rows, rowCount, featureCount, length, ends };
}

describeOnTensorFlow('the TensorFlow engine', (tensorFlow) => {
  const { tf } = tensorFlow;

  const models: readonly (readonly [string, object?])[] = [
    ['checkpoints/lstm_final_hidden_50_16x2'],
    ['checkpoints/lstm_final_hidden_50_16x2', { head: 'last-step' }],
    ['checkpoints/lstm_last_step_31_16x3'],
    ['checkpoints/lstm_float16'],
    ['checkpoints/lstm_old_format'],
    ['checkpoints-extra/lstm_unidirectional'],
    ['checkpoints/transformer_31_32x2', { heads: 4 }],
    ['checkpoints-extra/transformer_learned_positions', { heads: 4 }],
    ['checkpoints-extra/transformer_without_positions', { heads: 4 }],
  ];
  for (const [name, options] of models) {
    it(`gives the ONNX engine's p to 1e-6: ${name} ${options === undefined ? '' : JSON.stringify(options)}`, async () => {
      const model = read(name, options);
      const length = name.includes('learned_positions') ? 20 : 60;
      const windows = noise(model.architecture.inputSize, length, 100);
      const onnx = await openOnnx(model, { windowLength: length, device: 'cpu', threads: 1 });
      const ours = openTensorFlow(tensorFlow, model, { batch: 33 });
      const [expected, got] = [await onnx.score(windows), await ours.score(windows)];
      await Promise.all([onnx.dispose(), ours.dispose()]);
      expect(ours.engine).toBe('tensorflow-cpu');
      expect(Math.max(...expected.map((p, index) => Math.abs(p - got[index])))).toBeLessThan(1e-6);
      expect(new Set(got).size).toBeGreaterThan(50);
    });
  }

  it("gives PyTorch's p to 1e-6", async () => {
    const expected = (JSON.parse(readFileSync(join(fixtures, 'checkpoints/expected.json'), 'utf8')) as Record<string, number[]>).lstm_final_hidden_50_16x2;
    const table = readParquet(join(fixtures, 'checkpoints/input_50.parquet'));
    const rows = new Float32Array(table.rows * 50);
    table.names.forEach((column, feature) => table.column(column).forEach((value, row) => (rows[row * 50 + feature] = value)));
    const scorer = openTensorFlow(tensorFlow, read('checkpoints/lstm_final_hidden_50_16x2'));
    const p = await scorer.score({ rows, rowCount: table.rows, featureCount: 50, length: 60, ends: Int32Array.from(expected, (_, window) => (window + 1) * 60 - 1) });
    await scorer.dispose();
    expected.forEach((value, index) => expect(Math.abs(value - p[index])).toBeLessThan(1e-6));
  });

  it('reports progress, stops when told to, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const scorer = openTensorFlow(tensorFlow, read('checkpoints/lstm_final_hidden_50_16x2'), { batch: 16 });
    const windows = noise(50, 60, 100);
    const done: number[] = [];
    await scorer.score(windows, { onProgress: (event) => done.push(event.done) });
    expect(done).toEqual([16, 32, 48, 64, 80, 96, 100]);
    const abort = new AbortController();
    await expect(scorer.score(windows, { signal: abort.signal, onProgress: () => abort.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await scorer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses more rows than the model has positions for', async () => {
    const model = read('checkpoints-extra/transformer_learned_positions', { heads: 4 });
    const scorer = openTensorFlow(tensorFlow, model);
    await expect(scorer.score(noise(model.architecture.inputSize, 21, 2))).rejects.toMatchObject({ constructor: InputError, code: 'window-too-long' });
    await scorer.dispose();
  });

  it('suggests a smaller batch when the device has no memory left', async () => {
    const gather = () => {
      throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[512,60,50]');
    };
    const model = read('checkpoints/lstm_final_hidden_50_16x2');
    const scorer = openTensorFlow({ ...tensorFlow, tf: Object.create(tf, { gather: { value: gather } }) as typeof tf }, model, { batch: 512 });
    const before = tf.memory().numTensors;
    await expect(scorer.score(noise(50, 60, 10))).rejects.toMatchObject({ code: 'device-memory-exhausted', hint: expect.stringContaining('--batch 256') as string });
    expect(tf.memory().numTensors).toBe(before);
    await scorer.dispose();
  });
});
