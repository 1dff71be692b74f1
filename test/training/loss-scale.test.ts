import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ForwardPass } from '../../src/engines/tensorflow/forward-pass.js';
import { FIRST_LOSS_SCALE, GROWTH_STEPS, isOverflow, nextLossScale, type LossScale } from '../../src/training/loss-scale.js';
import { train, type TrainableModel } from '../../src/training/train.js';
import { weightsSha256 } from '../../src/models/safetensors/weights-hash.js';
import { readTrainingState, stateFile } from '../../src/training/training-state.js';
import { learnable, quickSettings, smallModel } from './small-network.js';

const mixed = { ...quickSettings, precision: 'mixed', epochs: 3 } as const;
const [examples, validation] = [learnable(513, 1), learnable(300, 2)];

describe('the scale of the loss', () => {
  it('is halved by an overflow, and doubled after 2,000 steps without one', () => {
    const after = (steps: number, start: LossScale): LossScale => Array.from({ length: steps }).reduce<LossScale>((scale) => nextLossScale(scale, false), start);
    const halved = nextLossScale(FIRST_LOSS_SCALE, true);
    expect(halved).toEqual({ scale: 16384, goodSteps: 0, skipped: 1 });
    expect(after(GROWTH_STEPS - 1, halved)).toEqual({ scale: 16384, goodSteps: 1999, skipped: 1 });
    expect(after(GROWTH_STEPS, halved)).toEqual({ scale: 32768, goodSteps: 0, skipped: 1 });
    // An overflow begins the count again.
    expect(after(1999, nextLossScale(after(1999, halved), true)).scale).toBe(8192);
    expect(after(50 * GROWTH_STEPS, halved).scale).toBe(2 ** 24);
  });

  it('explains a gradient that is not finite, a loss never, and nothing at scale 1 or without one', () => {
    expect(isOverflow(FIRST_LOSS_SCALE, 0.7, Infinity)).toBe(true);
    expect(isOverflow(FIRST_LOSS_SCALE, 0.7, NaN)).toBe(true);
    expect(isOverflow(FIRST_LOSS_SCALE, 0.7, 12)).toBe(false);
    expect(isOverflow(FIRST_LOSS_SCALE, NaN, NaN)).toBe(false);
    expect(isOverflow({ ...FIRST_LOSS_SCALE, scale: 1 }, 0.7, Infinity)).toBe(false);
    expect(isOverflow(undefined, 0.7, Infinity)).toBe(false);
  });
});

describe('training with a scaled loss', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'loss-scale-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Its gradient overflows, as float16's would, where it is beyond `limit`: the scale decides. */
  const overflowing = (model: TrainableModel, limit: number): ForwardPass => ({
    ...model.forward,
    logits: (...given) => {
      const { tf } = model.tensorFlow;
      const watched = tf.customGrad((...args) => {
        const [x] = args as Tensor[];
        return { value: x.clone(), gradFunc: (dy: Tensor) => tf.where(dy.abs().greater(limit), tf.fill(dy.shape, Infinity), dy) };
      });
      return watched(model.forward.logits(...given));
    },
  });

  it('comes to the weights of an unscaled one: float32 loses nothing by powers of two', async () => {
    const model = await smallModel();
    const [plain, scaled] = [await train(examples, validation, model, { ...quickSettings, epochs: 3 }), await train(examples, validation, model, mixed)];
    expect([...scaled.weights].map(([name, { data }]) => [name, [...data]])).toEqual([...plain.weights].map(([name, { data }]) => [name, [...data]]));
  });

  it('skips the steps that overflow, and AdamW does not count them', async () => {
    const model = await smallModel();
    const control = { storage: { folder, run: 'demo' } };
    // In the mean of 32 windows an undecided logit's gradient is scale / 64: 2^15 and 2^14 are too much, 2^13 is not.
    const result = await train(examples, validation, { ...model, forward: overflowing(model, 2 ** 13 / 31.9) }, mixed, control);
    const state = readTrainingState(stateFile(folder, 'demo'), identityOf(result.data));
    expect(state?.lossScale).toMatchObject({ skipped: 2, scale: 2 ** 13, goodSteps: 16 * 3 - 2 });
    const plain = await train(examples, validation, model, { ...quickSettings, epochs: 3 });
    expect(Math.abs(result.best.validationLoss - plain.best.validationLoss)).toBeLessThan(0.02);
  });

  it('goes on with the scale it had: killed and started again it comes to the same weights', async () => {
    const model = await smallModel();
    const forward = overflowing(model, 2 ** 13 / 31.9);
    const whole = await train(examples, validation, { ...model, forward }, mixed);
    let calls = 0;
    const dying: ForwardPass = { ...forward, logits: (...given) => {
      if (calls++ === 25) throw new Error('power cut');
      return forward.logits(...given);
    } };
    const control = { storage: { folder, run: 'demo' } };
    await expect(train(examples, validation, { ...model, forward: dying }, mixed, control)).rejects.toThrow('power cut');
    const resumed = await train(examples, validation, { ...model, forward }, mixed, control);
    expect(resumed.resumedAfter).toBe(1);
    expect([...resumed.weights].map(([, { data }]) => [...data])).toEqual([...whole.weights].map(([, { data }]) => [...data]));
  });

  it('stops where every scale overflows: then it is the model', async () => {
    const model = await smallModel();
    await expect(train(examples, validation, { ...model, forward: overflowing(model, 0) }, mixed)).rejects.toMatchObject({ code: 'training-diverged', message: expect.stringMatching(/^the gradient is not a number at batch 16 of epoch 1/) as string, hint: expect.stringContaining('--precision fp32') as string });
  });

  /** Read as it was written: the same identity. */
  function identityOf(data: { readonly training: string; readonly validation: string }) {
    return { data, initialWeights: initialHash, settings: { ...mixed } };
  }
});

const initialHash = weightsSha256((await smallModel()).initial);
