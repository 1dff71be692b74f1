import * as tfjs from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { forwardPass } from '../../../src/engines/tensorflow/forward.js';
import { fromHalf, mixedPrecision, toHalf } from '../../../src/engines/tensorflow/half-precision.js';
import type { TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import type { Architecture } from '../../../src/models/architecture.js';
import { weightShapes } from '../../../src/models/weight-shapes.js';
import { initialWeights } from '../../../src/training/initial-weights.js';
import { train } from '../../../src/training/train.js';
import { choosePrecision } from '../../../src/workflows/training/choose-precision.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';
import { smallLstm, smallTransformer } from '../../support/random-weights.js';
import { learnable, quickSettings } from '../../training/small-network.js';

const wasm: TensorFlow = { tf: tfjs, backend: 'wasm', device: 'cpu', version: '4.22.0' };

it('WebAssembly has no half precision, and is not asked for it on a CPU', () => {
  expect(() => mixedPrecision(wasm)).toThrow(expect.objectContaining({ code: 'no-mixed-precision' }) as Error);
  expect(() => choosePrecision(wasm, 'mixed', quickSettings, undefined)).toThrow(expect.objectContaining({ code: 'no-mixed-precision' }) as Error);
  expect(choosePrecision(wasm, undefined, quickSettings, undefined)).toEqual({ tensorFlow: wasm, settings: quickSettings });
});

describeOnTensorFlow('mixed precision', (real) => {
  const { tf, native } = real;
  const mixed = mixedPrecision(real);

  it('computes products of float16 numbers, gradients too, in every way of transposing', () => {
    tf.tidy(() => {
      for (const batch of [[], [3], [2, 3]]) for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
        const a = tf.randomNormal([...batch, ...(transposeA ? [5, 4] : [4, 5])], 0, 1, 'float32', 1);
        const b = tf.randomNormal([...batch, ...(transposeB ? [6, 5] : [5, 6])], 0, 1, 'float32', 2);
        const upstream = tf.randomNormal([...batch, 4, 6], 0, 1, 'float32', 3);
        const outcome = ({ tf: library }: TensorFlow) => {
          const product = (x: Tensor, y: Tensor) => library.matMul(x, y, transposeA, transposeB);
          return [product(a, b), ...tf.grads((x, y) => product(x, y).mul(upstream).sum())([a, b])];
        };
        const exact = outcome(real);
        outcome(mixed).forEach((value, at) => {
          const difference = value.sub(exact[at]).abs().max().dataSync()[0];
          expect(difference).toBeLessThan(0.02);
          expect(difference).toBeGreaterThan(0);
          expect(value.shape).toEqual(exact[at].shape);
        });
      }
    });
  });

  it('has float16’s range: what is beyond 65,504 is infinite, what is below 3e-8 is nothing', () => {
    tf.tidy(() => {
      const there = toHalf(native!, tf.tensor1d([70_000, 1e-8, 6e-8, 1 / 3]));
      expect([...fromHalf(native!, there).dataSync()]).toEqual([Infinity, 0, 2 ** -24, 0.333251953125]);
    });
  });

  it('is refused where half products are wrong', () => {
    const wrong: TensorFlow = { ...real, native: { ...native!, run: (name, ...rest) => native!.run(name, ...rest).map((value) => (name === 'MatMul' ? native!.run('Cast', { SrcT: { type: 'float16' }, DstT: { type: 'float16' }, Truncate: { bool: false } }, [toHalf(native!, tf.mul(fromHalf(native!, value), 2))], 1)[0] : value)) } };
    expect(() => mixedPrecision(wrong)).toThrow(/half precision does not work on this device: its products are off by/);
    // On a GPU where nobody asked for it the training goes on without, and says so.
    const notes: string[] = [];
    expect(choosePrecision({ ...wrong, device: 'gpu' }, undefined, quickSettings, (note) => notes.push(note)).settings).toBe(quickSettings);
    expect(notes).toEqual([expect.stringMatching(/^training in fp32: half precision does not work/)]);
    expect(() => choosePrecision({ ...wrong, device: 'gpu' }, 'mixed', quickSettings, undefined)).toThrow('half precision does not work');
  });

  it('is what a GPU takes, and a CPU only when told, with a note', () => {
    const notes: string[] = [];
    expect(choosePrecision({ ...real, device: 'gpu' }, undefined, quickSettings, (note) => notes.push(note)).settings.precision).toBe('mixed');
    expect(choosePrecision({ ...real, device: 'gpu' }, 'fp32', quickSettings, undefined).tensorFlow.halfProducts).toBeUndefined();
    expect(choosePrecision(real, undefined, quickSettings, undefined).settings).toBe(quickSettings);
    expect(notes).toEqual([]);
    expect(choosePrecision(real, 'mixed', quickSettings, (note) => notes.push(note)).settings.precision).toBe('mixed');
    expect(notes).toEqual(['mixed precision is made for GPUs: on a CPU it is slower than fp32']);
  });

  const tcn: Architecture = { kind: 'tcn', inputSize: 3, channels: 8, kernelSize: 2, layers: 2, headSize: 6 };
  for (const architecture of [{ ...smallLstm, inputSize: 3 }, { ...smallTransformer, inputSize: 3 }, tcn] satisfies Architecture[]) {
    it(`trains a small ${architecture.kind} to the loss of fp32, within 0.005, and leaves no tensor behind`, async () => {
      const examples = learnable(400, 1, 6, 3);
      const validation = learnable(150, 2, 6, 3);
      const before = tf.memory().numTensors;
      const trained = async (tensorFlow: TensorFlow, precision: object) => {
        const model = { tensorFlow, forward: forwardPass(tensorFlow, architecture), initial: initialWeights(weightShapes(architecture), 1) };
        return train(examples, validation, model, { ...quickSettings, ...precision, epochs: 2, learningRate: 0.004, dropout: 0.1 });
      };
      const [exact, half] = [await trained(real, {}), await trained(mixed, { precision: 'mixed' })];
      expect(tf.memory().numTensors).toBe(before);
      const difference = half.curve.map(({ trainingLoss, validationLoss }, epoch) => [Math.abs(trainingLoss - exact.curve[epoch].trainingLoss), Math.abs(validationLoss - exact.curve[epoch].validationLoss)]).flat();
      expect(Math.max(...difference)).toBeLessThan(0.005);
      expect(Math.max(...difference)).toBeGreaterThan(0);
      expect(half.curve[1].trainingLoss).toBeLessThan(half.curve[0].trainingLoss);
    });
  }
});
