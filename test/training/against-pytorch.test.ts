import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AdamWState } from '../../src/training/adamw.js';
import { flatten, layoutOf, unflatten } from '../../src/training/flat-parameters.js';
import { COSINE_RESTARTS, learningRateAt, ONE_CYCLE } from '../../src/training/learning-rate.js';
import { trainingStep } from '../../src/training/training-step.js';
import { fixtures } from '../support/requirements.js';
import { plainTensorFlow, smallForward, smallShapes } from './small-network.js';

type Numbers = Readonly<Record<string, readonly number[]>>;
interface Expected {
  readonly cosine_restarts: readonly number[];
  readonly one_cycle: readonly number[];
  readonly adamw: { readonly start: Numbers; readonly end: Numbers; readonly inputs: readonly number[]; readonly labels: readonly number[]; readonly losses: readonly number[]; readonly norms: readonly number[] };
}
const expected = JSON.parse(readFileSync(join(fixtures, 'training/expected.json'), 'utf8')) as Expected;

describe('against PyTorch', () => {
  it('restarts the learning rate after 10, then 20, then 40 epochs', () => {
    expected.cosine_restarts.forEach((rate, epoch) => {
      expect(learningRateAt(COSINE_RESTARTS, 0.004, { epoch, step: 0, steps: 1 }), `epoch ${epoch}`).toBeCloseTo(rate, 12);
    });
  });

  it('takes the learning rate through one cycle', () => {
    expected.one_cycle.forEach((rate, step) => {
      expect(learningRateAt(ONE_CYCLE, 0.004, { epoch: 0, step, steps: 40 }), `step ${step}`).toBeCloseTo(rate, 12);
    });
  });

  it('stays with it over ten steps of AdamW, clipping and class weight', async () => {
    const { tf } = await plainTensorFlow();
    const { start, end, inputs, labels, losses, norms } = expected.adamw;
    const weights = new Map([...smallShapes(3)].map(([name, shape]) => [name, { shape, data: Float32Array.from(start[name]) }]));
    const layout = layoutOf(weights);
    const zero = (): Float32Array => new Float32Array(layout.size);
    let state: AdamWState = { weights: tf.tensor1d(flatten(weights, layout)), firstMoment: tf.tensor1d(zero()), secondMoment: tf.tensor1d(zero()) };
    for (let step = 0; step < 10; step++) {
      const input = tf.tensor3d(inputs.slice(step * 24, (step + 1) * 24), [8, 1, 3]);
      const targets = { shape: [8], label: Float32Array.from(labels.slice(step * 8, (step + 1) * 8)), weight: new Float32Array(8).fill(1) };
      const result = trainingStep(tf, smallForward(), layout, state, { input, targets }, { learningRate: 0.05, weightDecay: 0.1, clipNorm: 0.3, positiveWeight: 1.7, step: step + 1 });
      expect(result.loss, `loss of step ${step}`).toBeCloseTo(losses[step], 5);
      expect(result.norm, `gradient of step ${step}`).toBeCloseTo(norms[step], 5);
      state = result.state;
    }
    for (const [name, { data }] of unflatten(state.weights.dataSync() as Float32Array, layout)) {
      data.forEach((value, index) => expect(value, `${name}[${index}]`).toBeCloseTo(end[name][index], 5));
    }
  });
});
