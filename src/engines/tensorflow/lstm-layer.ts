import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { blockLstm } from './block-lstm.js';
import type { TensorFlow } from './tensorflow.js';

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
}

/**
 * One direction of an LSTM layer, differentiable, first states zero:
 * i, f, o = sigmoid, g = tanh of `W_ih x + b_ih + W_hh h + b_hh`; c' = f c + i g; h' = o tanh(c').
 * @param input `[rows, batch, inputs]`
 * @returns states after each row, `[rows, batch, hidden]`
 */
export function lstmLayer(tensorFlow: TensorFlow, input: Tensor3D, parameters: LstmLayerParameters, options: LstmLayerOptions = {}): Tensor3D {
  const { tf, native } = tensorFlow;
  const { inputWeight, recurrentWeight, inputBias, recurrentBias } = parameters;
  const weight = tf.transpose<Tensor2D>(tf.concat([inputWeight, recurrentWeight], 1)); // [inputs + hidden, 4 * hidden]
  const bias = tf.add<Tensor1D>(inputBias, recurrentBias);
  if (native === undefined || options.form === 'composed') return composedLstm(tensorFlow, input, weight, bias);
  return blockLstm({ ...tensorFlow, native }, input, weight, bias, options.inputGradient ?? true);
}

function composedLstm({ tf }: TensorFlow, input: Tensor3D, weight: Tensor2D, bias: Tensor1D): Tensor3D {
  const hiddenSize = bias.shape[0] / 4;
  const [rows, batch, inputs] = input.shape;
  const inputWeight = tf.slice(weight, [0, 0], [inputs, -1]);
  const recurrentWeight = tf.slice(weight, [inputs, 0], [hiddenSize, -1]);
  const projected = tf.reshape(tf.add(tf.matMul(tf.reshape(input, [rows * batch, inputs]), inputWeight), bias), [rows, batch, 4 * hiddenSize]);
  let hidden: Tensor = tf.zeros([batch, hiddenSize]);
  let cell: Tensor = tf.zeros([batch, hiddenSize]);
  const states: Tensor[] = [];
  // tfjs has no gradient of unstack for one row.
  const each = rows === 1 ? [tf.reshape(projected, [batch, 4 * hiddenSize])] : tf.unstack(projected);
  for (const row of each) {
    const [i, f, g, o] = tf.split(tf.add(row, tf.matMul(hidden as Tensor2D, recurrentWeight)), 4, 1);
    cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
    states.push(hidden);
  }
  return tf.stack(states) as Tensor3D;
}
