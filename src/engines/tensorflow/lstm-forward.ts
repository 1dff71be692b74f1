import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { LstmArchitecture } from '../../models/architecture.js';
import { cudnnLstm } from './cudnn-lstm.js';
import { denseHead, parameter } from './dense-head.js';
import { createDropout } from './dropout.js';
import type { ForwardPass, ParameterTensors } from './forward-pass.js';
import { lstmLastState, lstmLayer, type LstmLayerOptions, type LstmLayerParameters } from './lstm-layer.js';
import type { CudnnType, NativeOps, TensorFlow } from './tensorflow.js';

/**
 * A stacked LSTM and its head. Dropout, where given, falls between layers and in the head, as in PyTorch's `nn.LSTM` and
 * the original's classes. Without `form`: cuDNN's where it was proved, else fused, else composed.
 */
export function lstmForward(tensorFlow: TensorFlow, architecture: LstmArchitecture, form?: LstmLayerOptions['form'] | 'cudnn'): ForwardPass {
  const { tf } = tensorFlow;
  const { layers, bidirectional, head } = architecture;
  const top = layers - 1;
  const options = (layer: number, reverse: boolean): LstmLayerOptions => ({ inputGradient: layer > 0, reverse, ...(form === undefined || form === 'cudnn' ? {} : { form }) });
  const viaCudnn = cudnn(tensorFlow, form);
  return {
    inputLayout: 'time-first',
    outputs: 'one',
    logits(parameters, input, dropout) {
      const drop = createDropout(tensorFlow, dropout);
      let sequence = input; // [rows, batch, features]
      for (let layer = 0; layer < top; layer++) {
        const states = (reverse: boolean) => lstmLayer(tensorFlow, sequence, layerParameters(parameters, layer, reverse), options(layer, reverse));
        if (viaCudnn !== undefined) sequence = drop(viaCudnn(sequence, directionsOf(layer, parameters), false) as Tensor3D);
        else sequence = drop(bidirectional ? tf.concat([states(false), states(true)], 2) : states(false)); // [rows, batch, directions * hidden]
      }

      if (viaCudnn !== undefined && head === 'final-hidden') return denseHead(tf, parameters, architecture.headLayers, viaCudnn(sequence, directionsOf(top, parameters), true) as Tensor2D, drop);
      const forward = layerParameters(parameters, top, false);
      const newest = viaCudnn === undefined ? lstmLastState(tensorFlow, sequence, forward, options(top, false)) : (viaCudnn(sequence, [forward], true) as Tensor2D);
      if (!bidirectional) return denseHead(tf, parameters, architecture.headLayers, newest, drop);
      // At the newest row the backward direction has read one row only: one step instead of the whole window.
      const seen = head === 'last-step' ? tf.slice(sequence, [sequence.shape[0] - 1, 0, 0], [1, -1, -1]) : sequence;
      const other = lstmLastState(tensorFlow, seen, layerParameters(parameters, top, true), options(top, true));
      return denseHead(tf, parameters, architecture.headLayers, tf.concat([newest, other], 1), drop);
    },
  };

  function directionsOf(layer: number, parameters: ParameterTensors): LstmLayerParameters[] {
    return (bidirectional ? [false, true] : [false]).map((reverse) => layerParameters(parameters, layer, reverse));
  }
}

type ViaCudnn = (sequence: Tensor3D, directions: readonly LstmLayerParameters[], last: boolean) => Tensor;

function cudnn(tensorFlow: TensorFlow, form: LstmLayerOptions['form'] | 'cudnn'): ViaCudnn | undefined {
  const { native, cudnnLstm: proven = [], halfProducts } = tensorFlow;
  if (native === undefined || (form !== 'cudnn' && (form !== undefined || proven.length === 0))) return undefined;
  const type: CudnnType = halfProducts === true && proven.includes('float16') ? 'float16' : 'float32';
  const withNative: TensorFlow & { readonly native: NativeOps } = { ...tensorFlow, native };
  return (sequence, directions, last) => cudnnLstm(withNative, sequence, directions, { last, type });
}

function layerParameters(parameters: ParameterTensors, layer: number, reverse: boolean): LstmLayerParameters {
  const named = (name: string) => parameter(parameters, `lstm.${name}_l${layer}${reverse ? '_reverse' : ''}`);
  return {
    inputWeight: named('weight_ih') as Tensor2D,
    recurrentWeight: named('weight_hh') as Tensor2D,
    inputBias: named('bias_ih') as Tensor1D,
    recurrentBias: named('bias_hh') as Tensor1D,
  };
}
