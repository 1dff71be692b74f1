import type { Rank, Tensor } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { provenCudnnTypes } from '../../../src/engines/tensorflow/check-cudnn-lstm.js';
import { packParameters } from '../../../src/engines/tensorflow/cudnn-lstm.js';
import { mixedPrecision } from '../../../src/engines/tensorflow/half-precision.js';
import { lstmForward } from '../../../src/engines/tensorflow/lstm-forward.js';
import type { Attribute, Attributes, TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import type { LstmArchitecture } from '../../../src/models/architecture.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';
import { randomWeights, smallLstm } from '../../support/random-weights.js';
import { pretendCudnn } from './pretend-cudnn.js';

describeOnTensorFlow('cuDNN’s LSTM, its kernels pretended', (real) => {
  const { tf } = real;
  const largestDifference = (a: Tensor, b: Tensor) => a.sub(b).abs().max().dataSync()[0];

  it('is used where states and gradients agree, without a word', () => {
    const warnings: string[] = [];
    const before = tf.memory().numTensors;
    expect(provenCudnnTypes(pretendCudnn(real).tensorFlow, (line) => warnings.push(line))).toEqual(['float32', 'float16']);
    expect(warnings).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is refused, and the reason told, where this TensorFlow lacks the kernel', () => {
    const warnings: string[] = [];
    expect(provenCudnnTypes({ ...real, native: real.native! }, (line) => warnings.push(line))).toEqual([]);
    expect(warnings).toEqual(['cuDNN\'s LSTM is not used on this GPU: this TensorFlow has no such kernel; LSTMs are computed by TensorFlow\'s BlockLSTM, which is slower there']);
  });

  it('is refused where a gradient, a direction or only the second half is wrong, each told', () => {
    const refusal = (broken: Parameters<typeof pretendCudnn>[1]): [readonly string[], string] => {
      const warnings: string[] = [];
      const types = provenCudnnTypes(pretendCudnn(real, broken).tensorFlow, (line) => warnings.push(line));
      return [types, warnings.join()];
    };
    expect(refusal((name, _attributes, outputs) => (name === 'CudnnRNNBackpropV3' ? [outputs[0], outputs[1], outputs[2], tf.mul(outputs[3], 1.1)] : outputs))).toEqual([[], expect.stringMatching(/gradient of W_ih, 1 direction, float32, differ by 0\.1/) as string]);
    const turned = (name: string, attributes: Attributes, outputs: Tensor[]) => (name === 'CudnnRNNV3' && (attributes.direction as { text: string }).text === 'bidirectional' ? [tf.reverse(outputs[0], 0), ...outputs.slice(1)] : outputs);
    expect(refusal(turned)).toEqual([[], expect.stringMatching(/its states, 2 directions, float32/) as string]);
    expect(refusal(() => { throw new Error('CUDNN_STATUS_EXECUTION_FAILED'); })).toEqual([[], expect.stringContaining('CUDNN_STATUS_EXECUTION_FAILED') as string]);
    expect(refusal((_name, _attributes, outputs) => [tf.mul(outputs[0], NaN), ...outputs.slice(1)])).toEqual([[], expect.stringContaining('NaN') as string]);
    const noHalf = (_name: string, attributes: Attributes, outputs: Tensor[]) => {
      if ((attributes.T as { type: string }).type === 'float16') throw new Error('not on this GPU');
      return outputs;
    };
    expect(refusal(noHalf)).toEqual([['float32'], 'cuDNN\'s LSTM stays in float32 under mixed precision: not on this GPU']);
  });

  it('packs the weights of all directions, then all biases, row by row', () => {
    tf.tidy(() => {
      const layer = (first: number) => ({ inputWeight: tf.tensor2d([first, first + 1, first + 2, first + 3], [4, 1]), recurrentWeight: tf.tensor2d([first + 4, first + 5, first + 6, first + 7], [4, 1]), inputBias: tf.tensor1d([first + 8, 0, 0, 0]), recurrentBias: tf.tensor1d([first + 9, 0, 0, 0]) });
      expect([...packParameters(real, [layer(10), layer(50)]).dataSync()]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 50, 51, 52, 53, 54, 55, 56, 57, 18, 0, 0, 0, 19, 0, 0, 0, 58, 0, 0, 0, 59, 0, 0, 0]);
    });
  });

  const kinds: readonly (readonly [string, LstmArchitecture])[] = [
    ['both directions, the final states', { ...smallLstm, layers: 3 }],
    ['both directions, the newest row', { ...smallLstm, layers: 3, head: 'last-step' }],
    ['one direction', { ...smallLstm, layers: 3, bidirectional: false }],
  ];
  for (const [name, architecture] of kinds) {
    it(`gives the model the logits and gradients of the fused form, with the same dropout between layers: ${name}`, () => {
      const proven: TensorFlow = { ...pretendCudnn(real).tensorFlow, cudnnLstm: ['float32', 'float16'] };
      tf.tidy(() => {
        const weights = [...randomWeights(architecture)].map(([key, { shape, data }]) => [key, tf.tensor(data, [...shape]).mul(2)] as const);
        const input = tf.randomNormal<Rank.R3>([6, 4, architecture.inputSize], 0, 1, 'float32', 5);
        const outcome = (tensorFlow: TensorFlow) => {
          const forward = lstmForward(tensorFlow, architecture);
          const loss = (...tensors: Tensor[]) => forward.logits(new Map(weights.map(([key], at) => [key, tensors[at]])), input, { rate: 0.4, seed: 3 }).square().sum();
          return [loss(...weights.map(([, tensor]) => tensor)), ...tf.grads(loss)(weights.map(([, tensor]) => tensor))];
        };
        const fused = outcome(real);
        outcome(proven).forEach((value, at) => expect(largestDifference(value, fused[at])).toBeLessThan(1e-5));
        const half = outcome(mixedPrecision(proven));
        half.forEach((value, at) => expect(largestDifference(value, fused[at])).toBeLessThan(0.02 * fused[at].abs().max().dataSync()[0] + 1e-3));
        expect(largestDifference(half[0], fused[0])).toBeGreaterThan(0);
      });
    });
  }

  it('asks kernels that are so defined: names and types of attributes, inputs', () => {
    const pretend = pretendCudnn(real);
    provenCudnnTypes(pretend.tensorFlow, () => undefined);
    expect(new Set(pretend.calls.map(({ name }) => name)).size).toBe(2);
    /** TensorFlow checks a call against the definition of the kernel before it looks for one. */
    const complaint = (name: string, attributes: Attributes): string => {
      try {
        return String(real.native!.run(name, attributes, [], 1));
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const { name, attributes, inputs } of pretend.calls) {
      const float = (attributes.T as { type: string }).type === 'float16' ? 'half' : 'float';
      // The last is what the GPU kernel keeps on the host.
      const given = inputs.map((type, at) => (type === 'float32' ? float : name === 'CudnnRNNBackpropV3' && at === 12 ? 'int8' : 'int32'));
      expect(complaint(name, attributes)).toContain(`expected inputs '${given.join(', ')}'`);
      for (const [key, attribute] of Object.entries(attributes)) {
        const other: Attribute = 'text' in attribute ? { int: 1 } : { text: 'none' };
        // Of an attribute that it does not have it would say nothing.
        expect(complaint(name, { ...attributes, [key]: other })).toContain(`for attr '${key}'`);
      }
    }
    expect(complaint('CudnnRNNV3', { ...pretend.calls[0].attributes, tiem_major: { text: 'none' } })).not.toContain('tiem_major');
  });
});
