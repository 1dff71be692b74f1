import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { MatrixKernels } from './matrix-kernels.js';
import type { Tfjs } from './tensorflow.js';

/** value weight^T + bias. `value` `[rows, in]`, `weight` `[out, in]`, `bias` `[out]`. */
export function linear(tf: Tfjs, kernels: MatrixKernels, value: Tensor2D, weight: Tensor, bias: Tensor): Tensor2D {
  const op = tf.customGrad((...given) => {
    const [x, w, b, save] = given as unknown as [Tensor2D, Tensor2D, Tensor1D, (tensors: Tensor[]) => void];
    save([x, w]);
    return {
      value: kernels.addBias(kernels.productWithTransposed(x, w), b),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, w] = saved;
        return [kernels.product(dy, w), kernels.productOfTransposed(dy, x), kernels.biasGradient(dy)];
      },
    };
  });
  return op(value, weight, bias) as Tensor2D;
}

/**
 * tanh(filter) * sigmoid(gate) of a causal convolution, time first: output row r sees the input rows
 * r, r + shift, ... r + (taps - 1) * shift, and is aligned with the last of them. A tap is one matrix product over a slice that is not
 * copied; both gradients are matrix products again.
 * @param value `[rows, in]`
 * @param weight `[2 * out, in, taps]`, the oldest tap first; the filter's outputs, then the gate's
 * @param bias `[2 * out]`
 * @param shift rows between taps: dilation * batch
 * @returns `[rows - (taps - 1) * shift, out]`
 */
export function gatedConvolution(tf: Tfjs, kernels: MatrixKernels, value: Tensor2D, weight: Tensor, bias: Tensor, shift: number): Tensor2D {
  const [both, inputs, taps] = weight.shape as [number, number, number];
  const outputs = both / 2;
  const rows = value.shape[0] - (taps - 1) * shift;
  const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((total, term) => tf.add(total, term));
  const tapRows = (x: Tensor, tap: number) => tf.slice(x, [tap * shift, 0], [rows, inputs]);
  // [taps, 2, in, out]: each tap's and half's matrix lies in one piece.
  const matrices = tf.transpose(weight.reshape([2, outputs, inputs, taps]), [3, 0, 2, 1]);
  const matrix = (w: Tensor, tap: number, half: number): Tensor => tf.slice(w, [tap, half, 0, 0], [1, 1, inputs, outputs]).reshape([inputs, outputs]);
  const eachTap = Array.from({ length: taps }, (_, tap) => tap);

  const op = tf.customGrad((...given) => {
    const [x, w, b, save] = given as unknown as [Tensor2D, Tensor, Tensor2D, (tensors: Tensor[]) => void];
    const half = (index: number) =>
      kernels.addBias(sum(eachTap.map((tap) => kernels.product(tapRows(x, tap), matrix(w, tap, index)))), tf.slice(b, [index, 0], [1, outputs]).reshape([outputs]));
    const filter = tf.tanh(half(0));
    const gate = tf.sigmoid(half(1));
    save([x, w, filter, gate]);
    return {
      value: tf.mul(filter, gate),
      gradFunc: (upstream: Tensor, saved: Tensor[]) =>
        tf.tidy(() => {
          const [x, w, filter, gate] = saved;
          const halves = [kernels.tanhGradient(filter, tf.mul(upstream, gate)), kernels.sigmoidGradient(gate, tf.mul(upstream, filter))];
          const dx = sum(
            eachTap.map((tap) => {
              const part = sum(halves.map((d, index) => kernels.productWithTransposed(d, matrix(w, tap, index))));
              return tf.pad(part, [[tap * shift, (taps - 1 - tap) * shift], [0, 0]]);
            }),
          );
          const dw = tf.stack(eachTap.map((tap) => tf.stack(halves.map((d) => kernels.productOfTransposed(tapRows(x, tap), d)))));
          return [dx, dw, tf.stack(halves.map((d) => kernels.biasGradient(d)))];
        }),
    };
  });
  return op(value, matrices, bias.reshape([2, outputs])) as Tensor2D;
}
