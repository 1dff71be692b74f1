import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { lstmLastState, lstmLayer, type LstmLayerOptions, type LstmLayerParameters } from '../../../src/engines/tensorflow/lstm-layer.js';
import type { NodeBackend } from '../../../src/engines/tensorflow/native-ops.js';
import { createDropout } from '../../../src/engines/tensorflow/dropout.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';

/** What JavaScript no longer needs is not counted: a dozen MB that V8 collects when it likes. */
function collectGarbage(): void {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
}

describeOnTensorFlow('an LSTM layer', (tensorFlow) => {
  const { tf } = tensorFlow;

  /** Input, both weights and both biases, then what the states are weighted with. */
  const example = (rows: number, batch: number, inputs: number, hidden: number): Tensor[] =>
    [[rows, batch, inputs], [4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden], [4 * hidden], [rows, batch, hidden]].map((shape, index) => tf.randomNormal(shape, 0, [1, 0.2, 0.2, 0.1, 0.1, 1][index], 'float32', index + 1));

  const layerOf = (options: LstmLayerOptions, last: boolean, [input, inputWeight, recurrentWeight, inputBias, recurrentBias]: Tensor[]): Tensor =>
    (last ? lstmLastState : lstmLayer)(tensorFlow, input as Tensor3D, { inputWeight, recurrentWeight, inputBias, recurrentBias } as LstmLayerParameters, options);
  const run = (options: LstmLayerOptions, tensors: Tensor[]) => layerOf(options, false, tensors);

  const gradients = (options: LstmLayerOptions, tensors: Tensor[], last = false) => {
    const weights = last ? tensors[5].slice([0, 0, 0], [1, -1, -1]).squeeze([0]) : tensors[5];
    const scale = 1 / weights.size;
    return tf.grads((...inputs: Tensor[]) => layerOf(options, last, inputs).mul(weights).sum().mul(scale * (last ? 20 : 100)))(tensors.slice(0, 5));
  };

  const largestDifference = (a: Tensor, b: Tensor) => a.sub(b).abs().max().dataSync()[0];

  const sizes = [[1, 3, 5, 4], [60, 5, 50, 16], [12, 64, 7, 8], [30, 100, 31, 16]] as const;
  const directions = [['oldest row first', false], ['newest row first', true]] as const;
  const outputs = [['all states', false], ['the last state', true]] as const;
  for (const [direction, reverse] of directions) for (const [output, last] of outputs) for (const [rows, batch, inputs, hidden] of sizes) {
    it(`fused equals composed, values and gradients: ${direction}, ${output}; ${rows} rows, batch ${batch}, ${inputs} inputs, ${hidden} hidden`, () => {
      tf.tidy(() => {
        const tensors = example(rows, batch, inputs, hidden);
        expect(largestDifference(layerOf({ reverse }, last, tensors), layerOf({ reverse, form: 'composed' }, last, tensors))).toBeLessThan(1e-6);
        const fused = gradients({ reverse }, tensors, last);
        gradients({ reverse, form: 'composed' }, tensors, last).forEach((composed, index) => {
          expect(largestDifference(fused[index], composed)).toBeLessThan(1e-6);
          // With one row no state comes back in, and the recurrent weight has no gradient.
          if (rows > 1 || index !== 2) expect(composed.abs().max().dataSync()[0]).toBeGreaterThan(1e-3);
        });
      });
    });
  }

  it('read from the newest row gives what reversed rows give, each state at its row', () => {
    tf.tidy(() => {
      const tensors = example(12, 5, 7, 8);
      const turned = run({}, [tf.reverse(tensors[0], 0), ...tensors.slice(1)]);
      expect(largestDifference(run({ reverse: true }, tensors), tf.reverse(turned, 0))).toBe(0);
      const oldest = run({ reverse: true }, tensors).slice([0, 0, 0], [1, 5, 8]).squeeze([0]);
      expect(largestDifference(layerOf({ reverse: true }, true, tensors), oldest)).toBe(0);
    });
  });

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
    const step = () => {
      tf.dispose(gradients({}, tensors));
      tf.tidy(() => void run({}, tensors));
    };
    const resident = () => {
      collectGarbage();
      return process.memoryUsage().rss;
    };
    for (let call = 0; call < 300; call++) step();
    const count = tf.memory().numTensors;
    const before = resident();
    for (let call = 0; call < 1000; call++) step();
    expect(tf.memory().numTensors).toBe(count);
    expect(resident() / before).toBeLessThan(1.05);
    tf.dispose(tensors);
  }, 60_000);
});

describeOnTensorFlow('bare kernels', ({ tf, native }) => {
  const FLOAT = { T: { type: 'float32' } } as const;
  const handles = () => (tf.backend() as unknown as NodeBackend & { numDataIds(): number }).numDataIds();

  it('give tensors of what is returned and free the rest', () => {
    const one = tf.scalar(1);
    const before = [tf.memory().numTensors, handles()];
    const [sum] = native!.bare(({ handle, kernel, free }) => {
      const add = kernel('AddV2', FLOAT, 1);
      const [two] = add(handle(one), handle(one));
      const [four] = add(two, two);
      free(two);
      // What was freed, or was never made here, is not freed again.
      free(two, handle(one));
      return add(four, four);
    });
    expect(sum.dataSync()[0]).toBe(8);
    expect(one.dataSync()[0]).toBe(1);
    sum.dispose();
    expect([tf.memory().numTensors, handles()]).toEqual(before);
    one.dispose();
  });

  it('free everything when the work fails', () => {
    const resident = () => process.memoryUsage().rss / 2 ** 20;
    const wide = tf.zeros([1024, 1024]);
    const fail = () => native!.bare(({ handle, kernel }) => {
      kernel('AddV2', FLOAT, 1)(handle(wide), handle(wide));
      throw new Error('halfway');
    });
    expect(fail).toThrow('halfway');
    const before = resident();
    for (let call = 0; call < 200; call++) expect(fail).toThrow('halfway');
    // 4 MB a call that was kept would be 800.
    expect(resident() - before).toBeLessThan(100);
    wide.dispose();
  });
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
