import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import { createRandom, randomIndex } from '../random.js';
import type { TrainingExamples } from './training-examples.js';

/** What a batch's loss needs, on the host: of the shape of the model's logits. */
export interface BatchTargets {
  /** `[batch]` or `[batch, rows]` */
  readonly shape: readonly number[];
  readonly label: Float32Array;
  /** 0 where a logit is not scored. */
  readonly weight: Float32Array;
}

/** The row matrix on the device once; a batch is gathered there by row numbers. */
export interface ExampleSource {
  /** `[batch, rows, features]`, or `[rows, batch, features]` as the model wants it. The caller disposes it. */
  input(batch: Int32Array): Tensor3D;
  targets(batch: Int32Array): BatchTargets;
  dispose(): void;
}

/** @param batch of `input` and `targets`: indices into `examples.ends`. */
export function openExamples(tf: Tfjs, examples: TrainingExamples, forward: ForwardPass): ExampleSource {
  const rows: Tensor2D = tf.tensor2d(examples.rows, [examples.rowCount, examples.featureCount]);
  return {
    input: (batch) => {
      const shape: [number, number] = forward.inputLayout === 'batch-first' ? [batch.length, examples.length] : [examples.length, batch.length];
      return tf.tidy(() => tf.gather(rows as Tensor, tf.tensor2d(rowNumbers(examples, batch, forward.inputLayout), shape, 'int32')) as Tensor3D);
    },
    targets: (batch) => batchTargets(examples, batch, forward.outputs),
    dispose: () => rows.dispose(),
  };
}

function rowNumbers({ ends, length }: TrainingExamples, batch: Int32Array, layout: ForwardPass['inputLayout']): Int32Array {
  const numbers = new Int32Array(batch.length * length);
  const [perExample, perRow] = layout === 'batch-first' ? [length, 1] : [1, batch.length];
  for (let example = 0; example < batch.length; example++) {
    const first = ends[batch[example]] - length + 1;
    for (let row = 0; row < length; row++) numbers[example * perExample + row * perRow] = first + row;
  }
  return numbers;
}

export function batchTargets(examples: TrainingExamples, batch: Int32Array, outputs: ForwardPass['outputs']): BatchTargets {
  const { length, unscored } = examples;
  const logits = outputs === 'one' ? 1 : length;
  const label = new Float32Array(batch.length * logits);
  const weight = new Float32Array(batch.length * logits);
  const firstScored = outputs === 'one' ? 0 : unscored;
  for (let example = 0; example < batch.length; example++) {
    const newest = examples.ends[batch[example]];
    for (let logit = firstScored; logit < logits; logit++) {
      const row = newest - (logits - 1 - logit);
      const at = example * logits + logit;
      weight[at] = examples.weight[row];
      // A label that does not count may be NaN, and NaN * 0 is NaN.
      label[at] = weight[at] === 0 ? 0 : examples.label[row];
    }
  }
  return { shape: outputs === 'one' ? [batch.length] : [batch.length, length], label, weight };
}

/** Examples an epoch takes, in every epoch as many. */
export function examplesAnEpoch(examples: number, stride: number): number {
  return Math.floor(examples / stride);
}

/**
 * An epoch's examples, one in `stride`, in an order of this seed and epoch (Fisher and Yates), cut into batches; the last may be
 * smaller. `stride` epochs in a row take every example once (less a remainder smaller than the stride).
 * @param epoch from 1
 */
export function shuffledBatches(examples: number, batchSize: number, seed: number, epoch: number, stride = 1): Int32Array[] {
  const order = Int32Array.from({ length: examplesAnEpoch(examples, stride) }, (_, index) => index * stride + ((epoch - 1) % stride));
  const random = createRandom(seed, epoch);
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = randomIndex(random, last + 1);
    [order[last], order[chosen]] = [order[chosen], order[last]];
  }
  return cutBatches(order, batchSize);
}

/** In order. */
export function orderedBatches(examples: number, batchSize: number): Int32Array[] {
  return cutBatches(Int32Array.from({ length: examples }, (_, index) => index), batchSize);
}

function cutBatches(order: Int32Array, batchSize: number): Int32Array[] {
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, batch) => order.subarray(batch * batchSize, (batch + 1) * batchSize));
}
