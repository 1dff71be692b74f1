import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { lstmLayer, type LstmLayerOptions } from '../../../src/engines/tensorflow/lstm-layer.js';
import { createDropout } from '../../../src/engines/tensorflow/dropout.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';

describeOnTensorFlow('an LSTM layer', (tensorFlow) => {
  const { tf } = tensorFlow;

  /** Input, both weights and both biases, then what the states are weighted with. */
  const example = (rows: number, batch: number, inputs: number, hidden: number): Tensor[] =>
    [[rows, batch, inputs], [4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden], [4 * hidden], [rows, batch, hidden]].map((shape, index) => tf.randomNormal(shape, 0, [1, 0.2, 0.2, 0.1, 0.1, 1][index], 'float32', index + 1));

  const run = (options: LstmLayerOptions, [input, inputWeight, recurrentWeight, inputBias, recurrentBias]: Tensor[]) =>
    lstmLayer(tensorFlow, input as Tensor3D, { inputWeight, recurrentWeight, inputBias, recurrentBias } as Parameters<typeof lstmLayer>[2], options);

  const gradients = (options: LstmLayerOptions, tensors: Tensor[]) => {
    const weights = tensors[5];
    const scale = 1 / weights.size;
    return tf.grads((...inputs: Tensor[]) => run(options, inputs).mul(weights).sum().mul(scale * 100))(tensors.slice(0, 5));
  };

  const largestDifference = (a: Tensor, b: Tensor) => a.sub(b).abs().max().dataSync()[0];

  // Up to 64 windows the gradient is taken row by row, above it by the fused kernel.
  for (const [rows, batch, inputs, hidden] of [[1, 3, 5, 4], [60, 5, 50, 16], [12, 64, 7, 8], [12, 65, 7, 8], [30, 100, 31, 16]] as const) {
    it(`fused equals composed, states and gradients: ${rows} rows, batch ${batch}, ${inputs} inputs, ${hidden} hidden`, () => {
      tf.tidy(() => {
        const tensors = example(rows, batch, inputs, hidden);
        expect(largestDifference(run({ form: 'fused' }, tensors), run({ form: 'composed' }, tensors))).toBeLessThan(1e-6);
        const fused = gradients({ form: 'fused' }, tensors);
        gradients({ form: 'composed' }, tensors).forEach((composed, index) => {
          expect(largestDifference(fused[index], composed)).toBeLessThan(1e-6);
          // With one row no state comes back in, and the recurrent weight has no gradient.
          if (rows > 1 || index !== 2) expect(composed.abs().max().dataSync()[0]).toBeGreaterThan(1e-3);
        });
      });
    });
  }

  it('the gradient of data is not computed, the others stay', () => {
    tf.tidy(() => {
      const tensors = example(10, 8, 6, 5);
      const whole = gradients({}, tensors);
      const spared = gradients({ inputGradient: false }, tensors);
      expect(spared[0].abs().max().dataSync()[0]).toBe(0);
      for (const index of [1, 2, 3, 4]) expect(largestDifference(whole[index], spared[index])).toBe(0);
    });
  });

  it('leaves nothing behind over 1,000 calls', () => {
    const tensors = example(4, 3, 5, 4);
    const wide = example(4, 70, 5, 4);
    const step = () => {
      for (const inputs of [tensors, wide]) tf.dispose(gradients({}, inputs));
      tf.tidy(() => void run({}, tensors));
    };
    for (let call = 0; call < 100; call++) step();
    const count = tf.memory().numTensors;
    const resident = process.memoryUsage().rss;
    for (let call = 0; call < 1000; call++) step();
    expect(tf.memory().numTensors).toBe(count);
    expect(process.memoryUsage().rss / resident).toBeLessThan(1.05);
    tf.dispose([...tensors, ...wide]);
  }, 60_000);
});

describeOnTensorFlow('dropout', (tensorFlow) => {
  const { tf } = tensorFlow;
  const dropped = (seed: number, rate = 0.2) => tf.tidy(() => {
    const drop = createDropout(tensorFlow, { seed, rate });
    return [drop(tf.ones([100, 100])), drop(tf.ones([100, 100]))].map((value) => [...value.dataSync()]);
  });

  it('zeroes its share of the units and keeps the mean', () => {
    const [first] = dropped(1);
    const zeros = first.filter((value) => value === 0).length;
    expect(Math.abs(zeros / first.length - 0.2)).toBeLessThan(0.02);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1.25)]));
  });

  it('draws the same masks for the same seed, others for another seed and at another place', () => {
    const [first, second] = dropped(1);
    expect(dropped(1)).toEqual([first, second]);
    expect(first).not.toEqual(second);
    expect(dropped(2)[0]).not.toEqual(first);
  });

  it('passes values unchanged without a rate', () => {
    const value = tf.ones([3]);
    expect(createDropout(tensorFlow, undefined)(value)).toBe(value);
    expect(createDropout(tensorFlow, { rate: 0, seed: 1 })(value)).toBe(value);
    value.dispose();
  });
});
