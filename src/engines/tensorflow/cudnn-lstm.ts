import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { fromHalf, toHalf } from './half-precision.js';
import type { LstmLayerParameters } from './lstm-layer.js';
import type { Attributes, CudnnType, NativeOps, TensorFlow } from './tensorflow.js';

type NativeTensorFlow = TensorFlow & { readonly native: NativeOps };

/** Both kernels count it as an input or output each. */
const OUTPUTS = { CudnnRNNV3: 5, CudnnRNNBackpropV3: 4 } as const;

/**
 * A layer of an LSTM, all its directions at once, by cuDNN (`CudnnRNNV3`, `CudnnRNNBackpropV3`): GPU only, and only where
 * `provenCudnnTypes` found that it agrees with the other forms. Dropout between layers is left to the caller: cuDNN draws
 * its masks from a state of its own, which no later run could go on with. Not measured on a GPU.
 * @param input `[rows, batch, inputs]`
 * @param directions one, or that which reads the oldest row first and then the other
 * @param type what cuDNN computes in; what is given and returned is float32
 * @returns states, `[rows, batch, directions * hidden]`, or with `last` those after the row read last, `[batch, directions * hidden]`
 */
export function cudnnLstm(tensorFlow: NativeTensorFlow, input: Tensor3D, directions: readonly LstmLayerParameters[], { last, type }: { readonly last: boolean; readonly type: CudnnType }): Tensor {
  const { tf, native } = tensorFlow;
  const [rows, batch] = input.shape;
  const hiddenSize = directions[0].recurrentWeight.shape[1];
  const attributes = cudnnAttributes(directions.length, type);
  const into = (value: Tensor): Tensor => (type === 'float16' ? toHalf(native, value) : value);
  const outOf = (value: Tensor): Tensor => (type === 'float16' ? fromHalf(native, value) : value);
  const run = (kernel: keyof typeof OUTPUTS, extra: Attributes, inputs: Tensor[]): Tensor[] => native.run(kernel, { ...attributes, ...extra }, inputs, OUTPUTS[kernel]);

  const layer = tf.customGrad((...given) => {
    const [x, packed, save] = given as unknown as [Tensor3D, Tensor1D, (tensors: Tensor[]) => void];
    const zero = into(tf.zeros([directions.length, batch, hiddenSize]));
    const lengths = tf.fill([batch], rows, 'int32');
    const forward = [into(x), zero, zero, into(packed), lengths];
    const [states, h, c, ...reserved] = run('CudnnRNNV3', { is_training: { bool: true } }, forward);
    save([...forward, states, h, c, ...reserved]);
    const gradFunc = (gradient: Tensor, saved: Tensor[]): Tensor[] =>
      tf.tidy(() => {
        const [x, zero, , packed, lengths, states, h, c, ...reserved] = saved;
        const ofLast = into(tf.transpose(tf.reshape(gradient, [batch, -1, hiddenSize]), [1, 0, 2]));
        const upstream = last ? [into(tf.zeros(states.shape)), ofLast, zero] : [into(gradient), zero, zero];
        const [dx, , , dPacked] = run('CudnnRNNBackpropV3', {}, [x, zero, zero, packed, lengths, states, h, c, ...upstream, ...reserved]);
        return [outOf(dx), outOf(dPacked)];
      });
    const value = outOf(last ? h : states);
    return { value: last ? tf.reshape(tf.transpose(value, [1, 0, 2]), [batch, directions.length * hiddenSize]) : value, gradFunc };
  });
  return layer(input, packParameters(tensorFlow, directions));
}

/**
 * Parameters of a layer as cuDNN reads them: of each direction W_ih and W_hh, row by row, then of each direction both
 * biases. Gates are stacked i, f, g, o, which is PyTorch's order and cuDNN's.
 * @returns `[size]`
 */
export function packParameters({ tf }: TensorFlow, directions: readonly LstmLayerParameters[]): Tensor1D {
  const flat = (value: Tensor2D | Tensor1D): Tensor1D => tf.reshape(value, [-1]);
  return tf.concat1d([
    ...directions.flatMap(({ inputWeight, recurrentWeight }) => [flat(inputWeight), flat(recurrentWeight)]),
    ...directions.flatMap(({ inputBias, recurrentBias }) => [flat(inputBias), flat(recurrentBias)]),
  ]);
}

/** What both kernels are told, time first; dropout is the caller's. */
function cudnnAttributes(directions: number, type: CudnnType): Attributes {
  return {
    T: { type },
    rnn_mode: { text: 'lstm' },
    input_mode: { text: 'linear_input' },
    direction: { text: directions === 2 ? 'bidirectional' : 'unidirectional' },
    dropout: { float: 0 },
    seed: { int: 0 },
    seed2: { int: 0 },
    num_proj: { int: 0 },
    time_major: { bool: true },
  };
}
