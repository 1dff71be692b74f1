import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { NativeOps, TensorFlow } from './tensorflow.js';

type NativeTensorFlow = TensorFlow & { readonly native: NativeOps };

/** What `BlockLSTMV2` keeps of each row, `[rows, batch, hidden]` each. */
type Activations = readonly [i: Tensor, cs: Tensor, f: Tensor, o: Tensor, ci: Tensor, co: Tensor, h: Tensor];

const FLOAT = { T: { type: 'float32' } } as const;
const NO_PEEPHOLE = { use_peephole: { bool: false } } as const;

/**
 * Up to this batch the gradient is taken row by row and the weights' gradient at once after it: the fused kernel adds to
 * the whole weight gradient at every row, which costs as much as the rows' own work when they are few (benchmarks/README.md).
 */
const ROWWISE_UP_TO_BATCH = 64;

/**
 * An LSTM layer by TensorFlow's fused kernel, which takes gates in PyTorch's order i, f, g, o.
 * @param input `[rows, batch, inputs]`
 * @param weight `[inputs + hidden, 4 * hidden]`
 * @param bias `[4 * hidden]`
 * @returns states after each row, `[rows, batch, hidden]`
 */
export function blockLstm(tensorFlow: NativeTensorFlow, input: Tensor3D, weight: Tensor2D, bias: Tensor1D, inputGradient: boolean): Tensor3D {
  const { tf, native } = tensorFlow;
  const [rows, batch] = input.shape;
  const hiddenSize = bias.shape[0] / 4;

  /** The arguments the kernel and its gradient share. */
  const shared = (x: Tensor, w: Tensor, b: Tensor): Tensor[] => {
    const length = native.run('Cast', { SrcT: { type: 'int32' }, DstT: { type: 'int64' }, Truncate: { bool: false } }, [tf.scalar(rows, 'int32')], 1)[0];
    const state = tf.zeros([batch, hiddenSize]);
    const peephole = tf.zeros([hiddenSize]);
    return [length, x, state, state, w, peephole, peephole, peephole, b];
  };

  const layer = tf.customGrad((...args: unknown[]) => {
    const [x, w, b, save] = args as [Tensor3D, Tensor2D, Tensor1D, (tensors: Tensor[]) => void];
    const activations = native.run('BlockLSTMV2', { ...FLOAT, ...NO_PEEPHOLE, cell_clip: { float: 0 } }, shared(x, w, b), 7);
    save([x, w, b, ...activations]);
    const gradFunc = (gradient: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, w, b, ...kept] = saved;
      return tf.tidy(() => {
        if (batch <= ROWWISE_UP_TO_BATCH) return rowwiseGradient(tensorFlow, x as Tensor3D, w as Tensor2D, kept as unknown as Activations, gradient as Tensor3D, inputGradient);
        const inputs = [...shared(x, w, b), ...kept, tf.zerosLike(kept[6]), gradient];
        const gradients = native.run('BlockLSTMGradV2', { ...FLOAT, ...NO_PEEPHOLE }, inputs, 8);
        return [gradients[0], gradients[3], gradients[7]];
      });
    };
    return { value: activations[6], gradFunc };
  });
  return layer(input, weight, bias) as Tensor3D;
}

/** The gradient of the input, the weight and the bias; only what passes from row to row is computed row by row. */
function rowwiseGradient(tensorFlow: NativeTensorFlow, x: Tensor3D, w: Tensor2D, activations: Activations, gradient: Tensor3D, inputGradient: boolean): Tensor[] {
  const { tf, native } = tensorFlow;
  const [rows, batch, inputs] = x.shape;
  const hiddenSize = w.shape[1] / 4;
  const unpack = (value: Tensor) => native.run('Unpack', { ...FLOAT, num: { int: rows }, axis: { int: 0 } }, [value], rows);
  const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) =>
    native.run('MatMul', { ...FLOAT, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }, [a, b], 1)[0];
  // This kernel is of the older layer, whose gates are stacked i, g, f, o.
  const swapGates = (value: Tensor) => {
    const [first, second, third, fourth] = tf.split(value, 4, -1);
    return tf.concat([first, third, second, fourth], -1);
  };

  const [i, cs, f, o, ci, co] = activations.slice(0, 6).map(unpack);
  const incoming = unpack(gradient);
  const swapped = swapGates(w);
  const inputWeight = tf.slice(swapped, [0, 0], [inputs, -1]);
  const recurrentWeight = tf.slice(swapped, [inputs, 0], [hiddenSize, -1]);
  const state = tf.zeros([batch, hiddenSize]);
  // The kernel checks these shapes and reads nothing of them.
  const unread = [tf.zeros([batch, 1]), tf.zeros([1 + hiddenSize, 4 * hiddenSize]), tf.zeros([hiddenSize]), tf.zeros([4 * hiddenSize])];
  const [anyInput, anyWeight, anyPeephole, anyBias] = unread;

  const gates = new Array<Tensor>(rows);
  let cellGradient: Tensor = state;
  let stateGradient = incoming[rows - 1];
  for (let row = rows - 1; row >= 0; row--) {
    const before = row > 0 ? cs[row - 1] : state;
    const made = native.run(
      'LSTMBlockCellGrad',
      { ...FLOAT, ...NO_PEEPHOLE },
      [anyInput, before, state, anyWeight, anyPeephole, anyPeephole, anyPeephole, anyBias, i[row], cs[row], f[row], o[row], ci[row], co[row], cellGradient, stateGradient],
      5,
    );
    cellGradient = made[0];
    gates[row] = made[1];
    if (row > 0) stateGradient = native.run('AddV2', FLOAT, [product(made[1], recurrentWeight, false, true), incoming[row - 1]], 1)[0];
  }
  const gateGradient = tf.reshape(native.run('Pack', { ...FLOAT, N: { int: rows }, axis: { int: 0 } }, gates, 1)[0], [rows * batch, 4 * hiddenSize]);
  const statesBefore = tf.reshape(tf.concat([tf.zeros([1, batch, hiddenSize]), tf.slice(activations[6], [0, 0, 0], [rows - 1, -1, -1])], 0), [rows * batch, hiddenSize]);
  const weightGradient = tf.concat([product(tf.reshape(x, [rows * batch, inputs]), gateGradient, true, false), product(statesBefore, gateGradient, true, false)], 0);
  return [
    inputGradient ? tf.reshape(product(gateGradient, inputWeight, false, true), x.shape) : tf.zerosLike(x),
    swapGates(weightGradient),
    swapGates(tf.sum(gateGradient, 0)),
  ];
}
