import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Handle, NativeOps, TensorFlow } from './tensorflow.js';

type NativeTensorFlow = TensorFlow & { readonly native: NativeOps };

export interface BlockLstmShape {
  /** The newest row is read first; states lie where their rows lie. */
  readonly reverse: boolean;
  /** The state after the row that is read last, `[batch, hidden]`, instead of all. */
  readonly last: boolean;
  /** False: zeros are returned for the input's gradient. */
  readonly inputGradient: boolean;
}

/** What `BlockLSTM` keeps of each row in the order it reads them, `[rows, batch, hidden]` each. */
type Activations = readonly [i: Tensor, cs: Tensor, f: Tensor, o: Tensor, ci: Tensor, co: Tensor, h: Tensor];

const FLOAT = { T: { type: 'float32' } } as const;
const NO_PEEPHOLE = { use_peephole: { bool: false } } as const;

/**
 * An LSTM layer by TensorFlow's fused kernels. Parameters in PyTorch's shapes, gates i, f, g, o; the kernels take i, g, f, o.
 * @param input `[rows, batch, inputs]`
 * @param bias the sum of both, `[4 * hidden]`
 * @returns states, `[rows, batch, hidden]`, or the last one
 */
export function blockLstm(tensorFlow: NativeTensorFlow, input: Tensor3D, inputWeight: Tensor2D, recurrentWeight: Tensor2D, bias: Tensor1D, shape: BlockLstmShape): Tensor {
  const { tf, native } = tensorFlow;
  const [rows, batch] = input.shape;
  const hiddenSize = bias.shape[0] / 4;

  const layer = tf.customGrad((...args: unknown[]) => {
    const [x, wx, wh, b, save] = args as [Tensor3D, Tensor2D, Tensor2D, Tensor1D, (tensors: Tensor[]) => void];
    const weight = tf.transpose(swapGates(tensorFlow, tf.concat([wx, wh], 1))); // [inputs + hidden, 4 * hidden]
    const length = native.run('Cast', { SrcT: { type: 'int32' }, DstT: { type: 'int64' }, Truncate: { bool: false } }, [tf.scalar(rows, 'int32')], 1)[0];
    const state = tf.zeros([batch, hiddenSize]);
    const peephole = tf.zeros([hiddenSize]);
    const inputs = [length, shape.reverse ? tf.reverse(x, 0) : x, state, state, weight, peephole, peephole, peephole, swapGates(tensorFlow, b)];
    const activations = native.run('BlockLSTM', { ...FLOAT, ...NO_PEEPHOLE, forget_bias: { float: 0 }, cell_clip: { float: 0 } }, inputs, 7) as unknown as Activations;
    const states = activations[6];
    save([x, wx, wh, ...activations]);
    const value = shape.last ? tf.reshape(tf.slice(states, [rows - 1, 0, 0], [1, -1, -1]), [batch, hiddenSize]) : shape.reverse ? tf.reverse(states, 0) : states;
    const gradFunc = (gradient: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, wx, wh, ...kept] = saved as [Tensor3D, Tensor2D, Tensor2D, ...Activations];
      return tf.tidy(() => gradients(tensorFlow, x, wx, wh, kept, gradient, shape));
    };
    return { value, gradFunc };
  });
  return layer(input, inputWeight, recurrentWeight, bias);
}

/** Of the input, both weights and the bias: row by row only what passes from row to row, then one product each over all rows. */
function gradients(tensorFlow: NativeTensorFlow, x: Tensor3D, inputWeight: Tensor2D, recurrentWeight: Tensor2D, activations: Activations, gradient: Tensor, shape: BlockLstmShape): Tensor[] {
  const { tf, native } = tensorFlow;
  const [rows, batch, inputs] = x.shape;
  const hiddenSize = recurrentWeight.shape[1];
  const h = activations[6];
  const gates = tf.reshape(gateGradients(tensorFlow, activations, swapGates(tensorFlow, recurrentWeight), gradient, shape), [rows * batch, 4 * hiddenSize]);
  const product = (a: Tensor, b: Tensor, transposeA: boolean) => native.run('MatMul', { ...FLOAT, transpose_a: { bool: transposeA }, transpose_b: { bool: false } }, [a, b], 1)[0];

  // Each row's gates beside the state before it; the row that is read first has none.
  const others = (rows - 1) * batch;
  const states = tf.reshape(shape.reverse ? tf.reverse(h, 0) : h, [rows * batch, hiddenSize]);
  const laterGates = tf.slice(gates, [shape.reverse ? 0 : batch, 0], [others, -1]);
  const statesBefore = tf.slice(states, [shape.reverse ? batch : 0, 0], [others, -1]);
  return [
    shape.inputGradient ? tf.reshape(product(gates, swapGates(tensorFlow, inputWeight), false), x.shape) : tf.zerosLike(x),
    swapGates(tensorFlow, product(gates, tf.reshape(x, [rows * batch, inputs]), true)),
    swapGates(tensorFlow, product(laterGates, statesBefore, true)),
    swapGates(tensorFlow, native.run('BiasAddGrad', { ...FLOAT, data_format: { text: 'NHWC' } }, [gates], 1)[0]),
  ];
}

/** `[rows, batch, 4 * hidden]`, in the input's order. `recurrentWeight`: `[4 * hidden, hidden]`, gates i, g, f, o. */
function gateGradients({ tf, native }: NativeTensorFlow, activations: Activations, recurrentWeight: Tensor, gradient: Tensor, { reverse, last }: BlockLstmShape): Tensor {
  const [rows, batch, hiddenSize] = activations[6].shape;
  const zero = tf.zeros([batch, hiddenSize]);
  // LSTMBlockCellGrad checks these shapes and reads nothing of them.
  const unreadTensors = [tf.zeros([batch, 1]), tf.zeros([1 + hiddenSize, 4 * hiddenSize]), tf.zeros([hiddenSize]), tf.zeros([4 * hiddenSize])];
  const [packed] = native.bare(({ handle, kernel, free }) => {
    const unpack = kernel('Unpack', { ...FLOAT, num: { int: rows }, axis: { int: 0 } }, rows);
    const pack = kernel('Pack', { ...FLOAT, N: { int: rows }, axis: { int: 0 } }, 1);
    const product = kernel('MatMul', { ...FLOAT, transpose_a: { bool: false }, transpose_b: { bool: false } }, 1);
    const add = kernel('AddV2', FLOAT, 1);
    const cellGradient = kernel('LSTMBlockCellGrad', { ...FLOAT, ...NO_PEEPHOLE }, 5);
    const place = (row: number) => (reverse ? rows - 1 - row : row);

    const [i, cs, f, o, ci, co] = activations.slice(0, 6).map((each) => unpack(handle(each)));
    const incoming = last ? [] : unpack(handle(gradient));
    const weight = handle(recurrentWeight);
    const none = handle(zero);
    const [anyInput, anyWeight, anyPeephole, anyBias] = unreadTensors.map(handle);
    const gates = new Array<Handle>(rows);
    let cell = none;
    let state = last ? handle(gradient) : incoming[place(rows - 1)];
    for (let row = rows - 1; row >= 0; row--) {
      const before = row > 0 ? cs[row - 1] : none;
      const [cellBefore, gate, ...peepholes] = cellGradient(anyInput, before, none, anyWeight, anyPeephole, anyPeephole, anyPeephole, anyBias, i[row], cs[row], f[row], o[row], ci[row], co[row], cell, state);
      free(cell, state, ...peepholes);
      cell = cellBefore;
      gates[place(row)] = gate;
      if (row === 0) break;
      const [passed] = product(gate, weight);
      if (last) state = passed;
      else {
        [state] = add(passed, incoming[place(row - 1)]);
        free(passed);
      }
    }
    return pack(...gates);
  });
  return packed;
}

/** Gates i, f, g, o to i, g, f, o and back, along the first axis. */
function swapGates({ tf }: TensorFlow, value: Tensor): Tensor {
  const hiddenSize = value.shape[0] / 4;
  const order = Int32Array.from({ length: 4 * hiddenSize }, (_, at) => [0, 2, 1, 3][Math.floor(at / hiddenSize)] * hiddenSize + (at % hiddenSize));
  return tf.gather(value, tf.tensor1d(order, 'int32'));
}
