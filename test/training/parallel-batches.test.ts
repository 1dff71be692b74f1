import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { forwardPass } from '../../src/engines/tensorflow/forward.js';
import type { TensorFlow } from '../../src/engines/tensorflow/tensorflow.js';
import type { Architecture } from '../../src/models/architecture.js';
import { weightsSha256 } from '../../src/models/safetensors/weights-hash.js';
import { weightShapes } from '../../src/models/weight-shapes.js';
import type { AdamWState } from '../../src/training/adamw.js';
import { wholeBatches, type BatchComputer } from '../../src/training/batch-computer.js';
import { openExamples } from '../../src/training/example-batches.js';
import { flatten, layoutOf } from '../../src/training/flat-parameters.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import { openParallelBatches, partsFor } from '../../src/training/parallel-batches.js';
import { startPartThread } from '../../src/training/part-thread.js';
import { train, type TrainableModel } from '../../src/training/train.js';
import { describeOnTensorFlow } from '../support/loaded-tensorflow.js';
import { learnable, quickSettings } from './small-network.js';

const TCN: Architecture = { kind: 'tcn', inputSize: 3, channels: 4, kernelSize: 2, layers: 2, headSize: 4 };
const LSTM: Architecture = { kind: 'lstm', inputSize: 3, hiddenSize: 4, layers: 2, bidirectional: true, head: 'final-hidden', headSize: 4, headLayers: ['fc.0', 'fc.3'] };
const examples = learnable(400, 1, 12, 5);
const validation = learnable(150, 2, 12, 5);
const settings = { ...quickSettings, epochs: 3, batchSize: 48, dropout: 0.2 };

const modelOf = (tensorFlow: TensorFlow, parts: number, architecture: Architecture = TCN): TrainableModel => ({ tensorFlow, forward: forwardPass(tensorFlow, architecture), initial: initialWeights(weightShapes(architecture), 1), parallel: { architecture, parts } });
const threadsAlive = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

const folders: string[] = [];
function freshFolder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'parallel-')));
  return folders[folders.length - 1];
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the number of parts', () => {
  it('is that of the threads, where each part has eight examples at least', () => {
    expect([[32, 2], [32, 1], [32, 16], [15, 4], [256, 4]].map(([batch, threads]) => partsFor(batch, threads))).toEqual([2, 1, 4, 1, 4]);
  });
});

describeOnTensorFlow('a batch in parts', (tensorFlow) => {
  const { tf } = tensorFlow;

  it.each([['a TCN', TCN], ['an LSTM', LSTM]] as const)('takes the step that the whole batch takes, of %s, for any size and weights', async (_, architecture) => {
    const { forward, initial } = modelOf(tensorFlow, 1, architecture);
    const layout = layoutOf(initial);
    // The first examples have no label that counts: what a part counts in the mean is not its share of the examples.
    const weighted = { ...examples, weight: examples.weight.map((_each, row) => (row < 30 ? 0 : 1 + (row % 3))) };
    const sources = { training: openExamples(tf, weighted, forward), validation: openExamples(tf, validation, forward) };
    const parallel = await openParallelBatches({ tf, forward, architecture, layout }, sources, { training: weighted, validation }, 3);
    const steps = async (computer: BatchComputer) => {
      let state: AdamWState = { weights: tf.tensor1d(flatten(initial, layout)), firstMoment: tf.zeros([layout.size]), secondMoment: tf.zeros([layout.size]) };
      const seen: number[][] = [];
      for (const [at, size] of [33, 7, 1, 48].entries()) {
        const batch = Int32Array.from({ length: size }, (_each, index) => (index * 7 + at * 50) % weighted.ends.length);
        const targets = sources.training.targets(batch);
        const next = await computer.step(state, batch, targets, { learningRate: 0.01, weightDecay: 0.01, step: at + 1, clipNorm: 0.1, positiveWeight: 1.7 });
        tf.dispose([state.weights, state.firstMoment, state.secondMoment]);
        ({ state } = next);
        seen.push([next.loss, next.norm, ...Array.from(next.logits), ...Array.from(await computer.logits(state.weights, batch.map((index) => index % validation.ends.length)))]);
      }
      seen.push(Array.from(state.weights.dataSync()));
      tf.dispose([state.weights, state.firstMoment, state.secondMoment]);
      return seen;
    };
    const [whole, parts] = [await steps(wholeBatches({ tf, forward, layout }, sources)), await steps(parallel)];
    expect(parts.map(({ length }) => length)).toEqual(whole.map(({ length }) => length));
    for (const [at, values] of whole.entries()) for (const [index, value] of values.entries()) expect(Math.abs(parts[at][index] - value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
    await parallel.close();
    for (const source of Object.values(sources)) source.dispose();
  });

  it('gives the same weights for the same seed and number of parts, and leaves no thread and no tensor', async () => {
    const [tensors, threads] = [tf.memory().numTensors, threadsAlive()];
    let most = threads;
    const hash = async () => weightsSha256((await train(examples, validation, modelOf(tensorFlow, 2), settings, { onProgress: () => (most = Math.max(most, threadsAlive())) })).weights);
    expect(await hash()).toBe(await hash());
    expect(most).toBeGreaterThan(threads);
    expect([tf.memory().numTensors, threadsAlive()]).toEqual([tensors, threads]);
  });

  it('goes on after a stop to the same weights, with the number of parts it began with', async () => {
    const whole = await train(examples, validation, modelOf(tensorFlow, 2), settings);
    const storage = { folder: freshFolder(), run: 'demo' };
    let time = 0;
    const stopped = train(examples, validation, modelOf(tensorFlow, 2), settings, { storage, now: () => (time += 1000), onProgress: ({ detail }) => {
      if (detail?.startsWith('epoch 2') === true) throw new Error('power cut');
    } });
    await expect(stopped).rejects.toThrow('power cut');
    const resumed = await train(examples, validation, modelOf(tensorFlow, 1), settings, { storage });
    expect(resumed.resumedAfter).toBe(1);
    expect(weightsSha256(resumed.weights)).toBe(weightsSha256(whole.weights));
  });

  it('says batch and column of a loss that is no number, wherever it arose, and ends its threads', async () => {
    const threads = threadsAlive();
    const rows = examples.rows.slice();
    rows[377 * 3 + 1] = NaN;
    // Only the last rows are poisoned, and the batches are shuffled: the number stands in one part of one batch.
    await expect(train({ ...examples, rows }, validation, modelOf(tensorFlow, 2), { ...settings, batchSize: 200 }, { columns: ['close', 'rsi_14', 'volume'] })).rejects.toMatchObject({
      code: 'training-diverged',
      place: { row: 377, column: 'rsi_14' },
      message: expect.stringMatching(/^the loss is not a number at batch \d of epoch 1/) as string,
    });
    expect(threadsAlive()).toBe(threads);
  });

  it('throws what a thread could not compute', async () => {
    const threads = threadsAlive();
    const model = modelOf(tensorFlow, 2);
    await expect(train(examples, validation, { ...model, parallel: { architecture: LSTM, parts: 2 } }, settings)).rejects.toThrow(/parameter .* is missing/);
    expect(threadsAlive()).toBe(threads);
  });

  it('is a temporary error when a thread ends', async () => {
    const root = process.env.CRPBOT_ROOT;
    process.env.CRPBOT_ROOT = freshFolder();
    try {
      const thread = startPartThread({ architecture: TCN, layout: { parameters: [], size: 0 }, examples: { training: examples, validation }, weights: new Float32Array(), gradient: new Float32Array() });
      await expect(thread.ready()).rejects.toMatchObject({ name: 'TemporaryError', code: 'training-thread-ended', message: expect.stringContaining('worker.js') as string });
      await thread.close();
      await expect(thread.compute({ kind: 'logits', batch: new Int32Array(1) })).rejects.toMatchObject({ code: 'training-thread-ended' });
    } finally {
      if (root === undefined) delete process.env.CRPBOT_ROOT;
      else process.env.CRPBOT_ROOT = root;
    }
  });
});
