import type { Rank, Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import type { Weights } from '../models/checkpoint.js';

/** Where each parameter lies in one vector that holds them all, so that an optimiser step is a dozen ops and not a dozen a parameter. */
export interface ParameterLayout {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[]; readonly from: number; readonly size: number }[];
  readonly size: number;
}

/** The order of the weights is kept. */
export function layoutOf(weights: Weights): ParameterLayout {
  let size = 0;
  const parameters = [...weights].map(([name, { shape, data }]) => {
    const from = size;
    size += data.length;
    return { name, shape, from, size: data.length };
  });
  return { parameters, size };
}

/** `[size]` */
export function flatten(weights: Weights, { parameters, size }: ParameterLayout): Float32Array {
  const flat = new Float32Array(size);
  for (const { name, from } of parameters) {
    const tensor = weights.get(name);
    if (tensor !== undefined) flat.set(tensor.data, from);
  }
  return flat;
}

/** Copies of the parts of `flat`. */
export function unflatten(flat: Float32Array, { parameters }: ParameterLayout): Weights {
  return new Map(parameters.map(({ name, shape, from, size }) => [name, { shape, data: flat.slice(from, from + size) }]));
}

/** Each parameter as a tensor of its own shape. */
export function parameterTensors(flat: Tensor1D, { parameters }: ParameterLayout): Map<string, Tensor> {
  return new Map(parameters.map(({ name, shape, from, size }) => [name, flat.slice([from], [size]).reshape([...shape])]));
}

/** Gradients one behind the other; 0 for a parameter that the loss does not depend on. */
export function flatGradient(tf: Tfjs, gradients: readonly (Tensor | undefined)[], { parameters }: ParameterLayout): Tensor1D {
  return tf.concat1d(parameters.map(({ size }, index) => gradients[index]?.reshape<Tensor1D>([size]) ?? tf.zeros<Rank.R1>([size])));
}
