import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './tensorflow.js';

/** What a hand-written gradient of dense layers is made of; every tensor is `[rows, columns]` unless said. */
export interface MatrixKernels {
  product(a: Tensor, b: Tensor): Tensor;
  /** a^T b */
  productOfTransposed(a: Tensor, b: Tensor): Tensor;
  /** a b^T */
  productWithTransposed(a: Tensor, b: Tensor): Tensor;
  /** `bias` is `[columns]`. */
  addBias(value: Tensor, bias: Tensor): Tensor;
  /** Sum over rows, `[columns]`. */
  biasGradient(upstream: Tensor): Tensor;
  /** upstream * (1 - tanh^2) */
  tanhGradient(tanh: Tensor, upstream: Tensor): Tensor;
  /** upstream * sigmoid * (1 - sigmoid) */
  sigmoidGradient(sigmoid: Tensor, upstream: Tensor): Tensor;
}

/** On TensorFlow its own fused kernels, one pass over the data each; elsewhere composed of tfjs' functions. */
export function matrixKernels({ tf, native }: TensorFlow): MatrixKernels {
  if (native === undefined) {
    return {
      product: (a, b) => tf.matMul(a, b),
      productOfTransposed: (a, b) => tf.matMul(a, b, true),
      productWithTransposed: (a, b) => tf.matMul(a, b, false, true),
      addBias: (value, bias) => value.add(bias),
      biasGradient: (upstream) => upstream.sum(0),
      tanhGradient: (tanh, upstream) => upstream.mul(tf.sub(1, tanh.square())),
      sigmoidGradient: (sigmoid, upstream) => upstream.mul(sigmoid).mul(tf.sub(1, sigmoid)),
    };
  }
  const T = { type: 'float32' } as const;
  const layout = { T, data_format: { text: 'NHWC' } } as const;
  const one = (...call: [...Parameters<typeof native.run>]): Tensor => native.run(...call)[0];
  const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) =>
    one('MatMul', { T, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }, [a, b], 1);
  return {
    product: (a, b) => product(a, b, false, false),
    productOfTransposed: (a, b) => product(a, b, true, false),
    productWithTransposed: (a, b) => product(a, b, false, true),
    addBias: (value, bias) => one('BiasAdd', layout, [value, bias], 1),
    biasGradient: (upstream) => one('BiasAddGrad', layout, [upstream], 1),
    tanhGradient: (tanh, upstream) => one('TanhGrad', { T }, [tanh, upstream], 1),
    sigmoidGradient: (sigmoid, upstream) => one('SigmoidGrad', { T }, [sigmoid, upstream], 1),
  };
}
