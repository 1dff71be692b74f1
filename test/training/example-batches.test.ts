import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { batchTargets, openExamples, orderedBatches, shuffledBatches } from '../../src/training/example-batches.js';
import { logitLoss, logLossOf } from '../../src/training/logit-loss.js';
import type { TrainingExamples } from '../../src/training/training-examples.js';
import type { Tensor } from '@tensorflow/tfjs';
import { plainTensorFlow, smallForward } from './small-network.js';

/** Row r of feature f is 10 r + f; label alternates; row 4 does not count. */
const examples: TrainingExamples = {
  rows: Float32Array.from({ length: 12 }, (_, index) => 10 * Math.floor(index / 2) + (index % 2)),
  rowCount: 6,
  featureCount: 2,
  label: Float32Array.from([0, 1, 0, 1, NaN, 1]),
  weight: Float32Array.from([1, 1, 1, 0.5, 0, 1]),
  length: 3,
  ends: Int32Array.from([2, 4, 5]),
  unscored: 1,
};

describe('batches', () => {
  it('are gathered from the row matrix, in the layout the model wants', async () => {
    const { tf } = await plainTensorFlow();
    const byExample = openExamples(tf, examples, smallForward('one', 'batch-first')).input(Int32Array.from([2, 0]));
    expect(byExample.arraySync()).toEqual([[[30, 31], [40, 41], [50, 51]], [[0, 1], [10, 11], [20, 21]]]);
    const byTime = openExamples(tf, examples, smallForward('one', 'time-first')).input(Int32Array.from([2, 0]));
    expect(byTime.arraySync()).toEqual([[[30, 31], [0, 1]], [[40, 41], [10, 11]], [[50, 51], [20, 21]]]);
  });

  it('have a target a window, or a target a row of which the first are not scored', () => {
    expect(batchTargets(examples, Int32Array.from([0, 1, 2]), 'one')).toEqual({ shape: [3], label: Float32Array.from([0, 0, 1]), weight: Float32Array.from([1, 0, 1]) });
    expect(batchTargets(examples, Int32Array.from([1]), 'many')).toEqual({ shape: [1, 3], label: Float32Array.from([0, 1, 0]), weight: Float32Array.from([0, 0.5, 0]) });
  });

  it('hold every example once an epoch, in another order each time', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 50 }), fc.nat(), (count, size, seed) => {
      const batches = shuffledBatches(count, size, seed, 1);
      expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
      expect(shuffledBatches(count, size, seed, 1)).toEqual(batches);
    }));
    expect(shuffledBatches(100, 10, 1, 1)).not.toEqual(shuffledBatches(100, 10, 1, 2));
    expect(orderedBatches(5, 2)).toEqual([Int32Array.from([0, 1]), Int32Array.from([2, 3]), Int32Array.from([4])]);
  });
});

describe('batches with a stride', () => {
  it('hold one example in so many, and all of them after so many epochs', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (count, stride, seed) => {
      const epochs = Array.from({ length: stride }, (_, index) => shuffledBatches(count, 7, seed, index + 1, stride).flatMap((batch) => [...batch]).sort((a, b) => a - b));
      for (const epoch of epochs) {
        expect(epoch).toHaveLength(Math.floor(count / stride));
        expect(epoch.slice(1).every((each, index) => each - epoch[index] === stride)).toBe(true);
      }
      expect(epochs.flat().sort((a, b) => a - b)).toEqual([...Array(count - (count % stride)).keys()]);
      expect(shuffledBatches(count, 7, seed, stride + 1, stride).flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual(epochs[0]);
    }));
  });
});

describe('the loss on logits', () => {
  it('is the cross-entropy, and its gradient the one of finite differences', async () => {
    const { tf } = await plainTensorFlow();
    const logits = [-3, -0.2, 0, 0.7, 5];
    const label = [0, 1, 1, 0, 1];
    const share = [0.1, 0.2, 0.3, 0.25, 0];
    const of = (given: number[]): number => given.reduce((sum, logit, index) => sum - share[index] * Math.log(label[index] === 1 ? 1 / (1 + Math.exp(-logit)) : 1 / (1 + Math.exp(logit))), 0);
    const loss = (x: Tensor) => logitLoss(tf, x, tf.tensor1d(label), tf.tensor1d(share));
    expect(loss(tf.tensor1d(logits)).dataSync()[0]).toBeCloseTo(of(logits), 6);
    const gradient = tf.grad(loss)(tf.tensor1d(logits)).dataSync();
    logits.forEach((_, index) => {
      const moved = (by: number): number => of(logits.map((logit, at) => (at === index ? logit + by : logit)));
      expect(gradient[index]).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 6);
    });
  });

  it('neither overflows nor vanishes at extreme logits', async () => {
    const { tf } = await plainTensorFlow();
    const loss = logitLoss(tf, tf.tensor1d([1000, -1000, -1000]), tf.tensor1d([0, 1, 0]), tf.tensor1d([1, 1, 1]));
    expect(loss.dataSync()[0]).toBe(2000);
    expect([logLossOf(1000, 0), logLossOf(-1000, 0), logLossOf(0, 1)]).toEqual([1000, 0, Math.LN2]);
  });
});
