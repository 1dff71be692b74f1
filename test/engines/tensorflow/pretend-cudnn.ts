import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { fromHalf, toHalf } from '../../../src/engines/tensorflow/half-precision.js';
import { lstmLayer, type LstmLayerParameters } from '../../../src/engines/tensorflow/lstm-layer.js';
import type { Attributes, NativeOps, TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';

export interface Call {
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly string[];
}

export interface PretendCudnn {
  readonly tensorFlow: TensorFlow & { readonly native: NativeOps };
  readonly calls: Call[];
}

/**
 * A TensorFlow whose cuDNN kernels are composed of plain ops. They take parameters apart as Keras puts them together for
 * cuDNN (`_standardize_cudnn_weights`): gate by gate i, f, c, o, the inputs' four matrices and then the states', of one
 * direction after the other; then as many biases. `broken` may spoil what a kernel returns.
 */
export function pretendCudnn(real: TensorFlow, broken: (name: string, attributes: Attributes, outputs: Tensor[]) => Tensor[] = (_name, _attributes, outputs) => outputs): PretendCudnn {
  const { tf } = real;
  const native = real.native!;
  const calls: Call[] = [];

  const unpack = (packed: Tensor1D, directions: number, inputs: number, hidden: number): LstmLayerParameters[] => {
    let from = 0;
    const next = (shape: number[]): Tensor => {
      const size = shape.reduce((a, b) => a * b, 1);
      from += size;
      return packed.slice([from - size], [size]).reshape(shape);
    };
    const gates = (shape: number[]): Tensor => tf.concat([0, 1, 2, 3].map(() => next(shape)));
    const weights = Array.from({ length: directions }, () => ({ inputWeight: gates([hidden, inputs]) as Tensor2D, recurrentWeight: gates([hidden, hidden]) as Tensor2D }));
    const all = weights.map((each) => ({ ...each, inputBias: gates([hidden]) as Tensor1D, recurrentBias: gates([hidden]) as Tensor1D }));
    if (from !== packed.size) throw new Error(`${packed.size} parameters where cuDNN has ${from}`);
    return all;
  };
  /** States `[rows, batch, directions * hidden]` beside last states `[directions, batch, hidden]`, flat in one. */
  const compute = (x: Tensor3D, packed: Tensor1D, directions: number, hidden: number): [Tensor, Tensor] => {
    const states = unpack(packed, directions, x.shape[2], hidden).map((parameters, at) => lstmLayer(real, x, parameters, { form: 'composed', reverse: at === 1 }));
    const last = states.map((each, at) => each.slice([at === 1 ? 0 : x.shape[0] - 1, 0, 0], [1, -1, -1]));
    return [tf.concat(states, 2), tf.concat(last, 0)];
  };

  const run: NativeOps['run'] = (name, attributes, inputs, outputs) => {
    if (!name.startsWith('CudnnRNN')) return native.run(name, attributes, inputs, outputs);
    calls.push({ name, attributes, inputs: inputs.map(({ dtype }) => dtype) });
    const half = (attributes.T as { type: string }).type === 'float16';
    const into = (value: Tensor) => (half ? toHalf(native, value) : value);
    const outOf = (value: Tensor) => (half ? fromHalf(native, value) : value);
    const directions = (attributes.direction as { text: string }).text === 'bidirectional' ? 2 : 1;
    const hidden = inputs[1].shape[2]!;
    const [x, packed] = [outOf(inputs[0]) as Tensor3D, outOf(inputs[3]) as Tensor1D];
    if (name === 'CudnnRNNV3') {
      const [states, last] = compute(x, packed, directions, hidden);
      return broken(name, attributes, [into(states), into(last), into(tf.zerosLike(last)), into(tf.ones([3])), tf.ones([2], 'int32')]);
    }
    const [upstream, ofLast] = [outOf(inputs[8]), outOf(inputs[9])];
    const weighted = (x: Tensor, packed: Tensor): Tensor => {
      const [states, last] = compute(x as Tensor3D, packed as Tensor1D, directions, hidden);
      return states.mul(upstream).sum().add(last.mul(ofLast).sum());
    };
    // A gradient within a gradient: tfjs forgets the outer one's tape.
    const { state } = tf.engine() as unknown as { state: { activeTape: unknown } };
    const { activeTape } = state;
    const [dx, dPacked] = tf.grads(weighted)([x, packed]);
    state.activeTape = activeTape;
    return broken(name, attributes, [into(dx), inputs[1], inputs[2], into(dPacked)]);
  };
  return { tensorFlow: { ...real, device: 'gpu', native: { ...native, run } }, calls };
}
