import type { Tensor } from '@tensorflow/tfjs';
import { SetupError } from '../../errors.js';
import type { Attributes, NativeOps, TensorFlow, Tfjs } from './tensorflow.js';

/** Half precision keeps 11 bits; sums of a few products of numbers below 1 differ by no more. */
const TOLERANCE = 5e-3;

/** tfjs has no half type: such a tensor says float32, goes from kernel to kernel only, and is cast back before anything else sees it. */
export function toHalf(native: NativeOps, value: Tensor): Tensor {
  return native.run('Cast', { SrcT: { type: 'float32' }, DstT: { type: 'float16' }, Truncate: { bool: false } }, [value], 1)[0];
}

/** The way back from {@link toHalf}. */
export function fromHalf(native: NativeOps, value: Tensor): Tensor {
  return native.run('Cast', { SrcT: { type: 'float16' }, DstT: { type: 'float32' }, Truncate: { bool: false } }, [value], 1)[0];
}

/**
 * The same library with matrix products, and their gradients, of float16 numbers (cuDNN's LSTM too, where that was proved);
 * everything else, parameters included, stays float32 (Micikevicius et al. 2018). Forward passes made for it are mixed
 * precision; gradients below 6e-8 vanish in float16, so that the loss must be scaled.
 * @throws SetupError `no-mixed-precision` on WebAssembly, and where half products come out wrong
 */
export function mixedPrecision(tensorFlow: TensorFlow): TensorFlow {
  const { tf, native } = tensorFlow;
  if (native === undefined) throw new SetupError('WebAssembly has no half precision', { code: 'no-mixed-precision', hint: 'leave out --precision mixed, or set TensorFlow up: npx crpbot setup tensorflow' });
  const product = halfProduct(tf, native);
  const matMul = differentiableProduct(tf, product);
  const mixed: TensorFlow = {
    ...tensorFlow,
    // Every other function of the library is inherited.
    tf: Object.create(tf, { matMul: { value: matMul } }) as Tfjs,
    native: {
      ...native,
      run: (name, attributes, inputs, outputs) => (name === 'MatMul' ? [product(inputs[0], inputs[1], flag(attributes, 'transpose_a'), flag(attributes, 'transpose_b'))] : native.run(name, attributes, inputs, outputs)),
    },
    halfProducts: true,
  };
  proveHalf(tensorFlow, mixed);
  return mixed;
}

type Product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) => Tensor;

function halfProduct(tf: Tfjs, native: NativeOps): Product {
  const T = { type: 'float16' } as const;
  return (a, b, transposeA, transposeB) =>
    tf.tidy(() => {
      const factors = [toHalf(native, a), toHalf(native, b)];
      const [result] =
        a.rank === 2
          ? native.run('MatMul', { T, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }, factors, 1)
          : native.run('BatchMatMulV2', { T, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } }, factors, 1);
      return fromHalf(native, result);
    });
}

/** `tf.matMul` of half products, its gradient too. */
function differentiableProduct(tf: Tfjs, product: Product) {
  return (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor => {
    const op = tf.customGrad((...given) => {
      const [x, y, save] = given as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
      save([x, y]);
      const gradFunc = (upstream: Tensor, [x, y]: Tensor[]): Tensor[] => [
        transposeA ? product(y, upstream, transposeB, true) : product(upstream, y, false, !transposeB),
        transposeB ? product(upstream, x, true, transposeA) : product(x, upstream, !transposeA, false),
      ];
      return { value: product(x, y, transposeA, transposeB), gradFunc };
    });
    return op(a, b);
  };
}

function flag(attributes: Attributes, name: string): boolean {
  const attribute = attributes[name];
  return 'bool' in attribute && attribute.bool;
}

function proveHalf({ tf }: TensorFlow, { tf: mixed }: TensorFlow): void {
  let reason: string | undefined;
  try {
    const difference = tf.tidy(() => {
      const [a, b] = [tf.cos(tf.range(0, 48)), tf.sin(tf.range(0, 48))];
      // One matrix, and a batch of them: two kernels.
      const differences = [[6, 8], [2, 3, 8]].map((shape) => {
        const [x, y] = [a.reshape(shape), b.reshape(shape)];
        return tf.sub(mixed.matMul(x, y, false, true), tf.matMul(x, y, false, true)).abs().max();
      });
      return tf.stack(differences).max().dataSync()[0];
    });
    if (!(difference <= TOLERANCE)) reason = `its products are off by ${difference}`;
  } catch (error) {
    reason = (error as Error).message;
  }
  if (reason !== undefined) throw new SetupError(`half precision does not work on this device: ${reason}`, { code: 'no-mixed-precision', hint: 'train with --precision fp32' });
}
