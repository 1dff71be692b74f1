import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { DropUnits } from './dropout.js';
import type { ParameterTensors } from './forward-pass.js';
import type { Tfjs } from './tensorflow.js';

/** A parameter by its name; the architecture says which there are, so a missing one is a mistake in the program. */
export function parameter(parameters: ParameterTensors, name: string): Tensor {
  const tensor = parameters.get(name);
  if (tensor === undefined) throw new Error(`parameter ${name} is missing: the architecture does not describe these parameters`);
  return tensor;
}

/** `value W^T + b`, `[rows, in]` to `[rows, out]`, W in PyTorch's shape `[out, in]`. */
export function linear(tf: Tfjs, value: Tensor2D, weight: Tensor, bias: Tensor): Tensor2D {
  return tf.add<Tensor2D>(tf.matMul(value, weight, false, true), bias);
}

/** second(dropout(relu(first(state)))): `[batch, in]` to logits `[batch]`. */
export function denseHead(tf: Tfjs, parameters: ParameterTensors, layers: readonly [string, string], state: Tensor2D, drop: DropUnits): Tensor1D {
  const apply = (layer: string, value: Tensor2D) => linear(tf, value, parameter(parameters, `${layer}.weight`), parameter(parameters, `${layer}.bias`));
  return tf.reshape(apply(layers[1], drop(tf.relu(apply(layers[0], state)))), [-1]);
}
