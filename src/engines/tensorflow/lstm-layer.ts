import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { blockLstm } from './block-lstm.js';
import type { NativeOps, TensorFlow } from './tensorflow.js';

/** One direction of one layer, in PyTorch's shapes; gates are stacked i, f, g, o. */
export interface LstmLayerParameters {
  /** `[4 * hidden, inputs]` */
  readonly inputWeight: Tensor2D;
  /** `[4 * hidden, hidden]` */
  readonly recurrentWeight: Tensor2D;
  /** `[4 * hidden]` */
  readonly inputBias: Tensor1D;
  /** `[4 * hidden]` */
  readonly recurrentBias: Tensor1D;
}

export interface LstmLayerOptions {
  /** `composed`: step by step of plain ops, what a library without the kernel does. Default: fused where TensorFlow is there. */
  readonly form?: 'fused' | 'composed';
  /** False where the input is data: nobody asks for its gradient, zeros are returned and the work is saved. Default true. */
  readonly inputGradient?: boolean;
  /** The newest row is read first. Default false. */
  readonly reverse?: boolean;
}

/**
 * One direction of an LSTM layer, differentiable, first states zero:
 * i, f, o = sigmoid, g = tanh of `W_ih x + b_ih + W_hh h + b_hh`; c' = f c + i g; h' = o tanh(c').
 * @param input `[rows, batch, inputs]`
 * @returns states after each row, `[rows, batch, hidden]`, each at its row's place
 */
export function lstmLayer(tensorFlow: TensorFlow, input: Tensor3D, parameters: LstmLayerParameters, options: LstmLayerOptions = {}): Tensor3D {
  const { tf } = tensorFlow;
  if (isFused(tensorFlow, options)) return fusedLstm(tensorFlow, input, parameters, options, false) as Tensor3D;
  const states = composedLstm(tensorFlow, input, parameters, options);
  return tf.stack(options.reverse === true ? states.reverse() : states) as Tensor3D;
}

/** As {@link lstmLayer}, but only the state after the row that is read last, `[batch, hidden]`. */
export function lstmLastState(tensorFlow: TensorFlow, input: Tensor3D, parameters: LstmLayerParameters, options: LstmLayerOptions = {}): Tensor2D {
  if (isFused(tensorFlow, options)) return fusedLstm(tensorFlow, input, parameters, options, true) as Tensor2D;
  const states = composedLstm(tensorFlow, input, parameters, options);
  return states[states.length - 1] as Tensor2D;
}

type WithNative = TensorFlow & { readonly native: NativeOps };

function isFused(tensorFlow: TensorFlow, { form }: LstmLayerOptions): tensorFlow is WithNative {
  return tensorFlow.native !== undefined && form !== 'composed';
}

function fusedLstm(tensorFlow: WithNative, input: Tensor3D, parameters: LstmLayerParameters, options: LstmLayerOptions, last: boolean): Tensor {
  const { inputWeight, recurrentWeight, inputBias, recurrentBias } = parameters;
  const bias = tensorFlow.tf.add<Tensor1D>(inputBias, recurrentBias);
  return blockLstm(tensorFlow, input, inputWeight, recurrentWeight, bias, { reverse: options.reverse ?? false, last, inputGradient: options.inputGradient ?? true });
}

/** States in the order in which rows are read. */
function composedLstm({ tf }: TensorFlow, input: Tensor3D, parameters: LstmLayerParameters, { reverse }: LstmLayerOptions): Tensor[] {
  const { inputWeight, recurrentWeight, inputBias, recurrentBias } = parameters;
  const hiddenSize = recurrentWeight.shape[1];
  const [rows, batch, inputs] = input.shape;
  const bias = tf.add(inputBias, recurrentBias);
  const projected = tf.reshape(tf.add(tf.matMul(tf.reshape(input, [rows * batch, inputs]), inputWeight, false, true), bias), [rows, batch, 4 * hiddenSize]);
  let hidden: Tensor = tf.zeros([batch, hiddenSize]);
  let cell: Tensor = tf.zeros([batch, hiddenSize]);
  const states: Tensor[] = [];
  // tfjs has no gradient of unstack for one row.
  const each = rows === 1 ? [tf.reshape(projected, [batch, 4 * hiddenSize])] : tf.unstack(projected);
  // A copy is turned: the gradient of unstack still needs the array it returned.
  for (const row of reverse === true ? [...each].reverse() : each) {
    const [i, f, g, o] = tf.split(tf.add(row, tf.matMul(hidden as Tensor2D, recurrentWeight, false, true)), 4, 1);
    cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
    states.push(hidden);
  }
  return states;
}
