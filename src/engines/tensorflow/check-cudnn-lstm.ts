import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { cudnnLstm } from './cudnn-lstm.js';
import { lstmLastState, lstmLayer, type LstmLayerParameters } from './lstm-layer.js';
import type { CudnnType, NativeOps, TensorFlow } from './tensorflow.js';

type NativeTensorFlow = TensorFlow & { readonly native: NativeOps };

/**
 * By how much a result may differ, over its largest value. Newer GPUs multiply float32 in TF32, 11 bits, on either side; a
 * gate or a direction in the wrong place is off by about 1.
 */
const TOLERANCE: Readonly<Record<CudnnType, number>> = { float32: 0.01, float16: 0.03 };

const [ROWS, BATCH, INPUTS, HIDDEN] = [7, 4, 5, 8];

/**
 * In which types cuDNN's LSTM may be used on this GPU: those in which states, last states and all gradients, of one and of
 * both directions, agree with `BlockLSTM` on a small random problem. What keeps it from being used is told.
 */
export function provenCudnnTypes(tensorFlow: NativeTensorFlow, onWarning: (line: string) => void): readonly CudnnType[] {
  const plain = objection(tensorFlow, 'float32');
  if (plain !== undefined) {
    onWarning(`cuDNN's LSTM is not used on this GPU: ${plain}; LSTMs are computed by TensorFlow's BlockLSTM, which is slower there`);
    return [];
  }
  const half = objection(tensorFlow, 'float16');
  if (half === undefined) return ['float32', 'float16'];
  onWarning(`cuDNN's LSTM stays in float32 under mixed precision: ${half}`);
  return ['float32'];
}

function objection(tensorFlow: NativeTensorFlow, type: CudnnType): string | undefined {
  try {
    for (const directions of [1, 2]) {
      for (const last of [false, true]) {
        const found = tensorFlow.tf.tidy(() => disagreement(tensorFlow, type, directions, last));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return /Could not find device|OpKernel|no registered kernels/i.test(message) ? 'this TensorFlow has no such kernel' : message.trim().split('\n').slice(0, 2).join(' ').slice(0, 300);
  }
}

function disagreement(tensorFlow: NativeTensorFlow, type: CudnnType, directions: number, last: boolean): string | undefined {
  const { tf } = tensorFlow;
  const noise = (shape: number[], seed: number): Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);
  const shapes = Array.from({ length: directions }, () => [[4 * HIDDEN, INPUTS], [4 * HIDDEN, HIDDEN], [4 * HIDDEN], [4 * HIDDEN]]).flat();
  const given = [noise([ROWS, BATCH, INPUTS], 1), ...shapes.map((shape, index) => noise(shape, index + 2).mul(0.5))];
  const weights = noise(last ? [BATCH, directions * HIDDEN] : [ROWS, BATCH, directions * HIDDEN], 99);

  const outcome = (compute: (input: Tensor3D, parameters: LstmLayerParameters[]) => Tensor): Tensor[] => {
    const states = ([input, ...parameters]: Tensor[]): Tensor => compute(input as Tensor3D, layersOf(parameters));
    return [states(given), ...tf.grads((...tensors: Tensor[]) => states(tensors).mul(weights).sum())(given)];
  };
  const block = (input: Tensor3D, each: LstmLayerParameters[]): Tensor =>
    tf.concat(each.map((parameters, at) => (last ? lstmLastState : lstmLayer)(tensorFlow, input, parameters, { reverse: at === 1 }) as Tensor), -1);
  const expected = outcome(block);
  const found = outcome((input, parameters) => cudnnLstm(tensorFlow, input, parameters, { last, type }));

  const names = ['states', 'gradient of the input', ...Array.from({ length: directions }, () => ['W_ih', 'W_hh', 'b_ih', 'b_hh'].map((name) => `gradient of ${name}`)).flat()];
  for (const [index, name] of names.entries()) {
    const difference = tf.div(tf.sub(found[index], expected[index]).abs().max(), expected[index].abs().max()).dataSync()[0];
    // Not a number is no agreement.
    if (!(difference <= TOLERANCE[type])) return `its ${last && index === 0 ? 'last states' : name}, ${directions} direction${directions === 1 ? '' : 's'}, ${type}, differ by ${difference.toPrecision(2)} of their largest value`;
  }
  return undefined;
}

function layersOf(parameters: readonly Tensor[]): LstmLayerParameters[] {
  return Array.from({ length: parameters.length / 4 }, (_, at) => {
    const [inputWeight, recurrentWeight, inputBias, recurrentBias] = parameters.slice(4 * at, 4 * at + 4);
    return { inputWeight: inputWeight as Tensor2D, recurrentWeight: recurrentWeight as Tensor2D, inputBias: inputBias as Tensor1D, recurrentBias: recurrentBias as Tensor1D };
  });
}
