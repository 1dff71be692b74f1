import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { LstmArchitecture } from '../../models/architecture.js';
import { denseHead, parameter } from './dense-head.js';
import { createDropout } from './dropout.js';
import type { ForwardPass, ParameterTensors } from './forward-pass.js';
import { lstmLayer, type LstmLayerOptions, type LstmLayerParameters } from './lstm-layer.js';
import type { TensorFlow } from './tensorflow.js';

/**
 * A stacked LSTM and its head. Dropout, where given, falls between layers and in the head, as in PyTorch's `nn.LSTM` and
 * the original's classes.
 */
export function lstmForward(tensorFlow: TensorFlow, architecture: LstmArchitecture, form?: LstmLayerOptions['form']): ForwardPass {
  const { tf } = tensorFlow;
  const { layers, bidirectional, head } = architecture;
  return {
    inputLayout: 'time-first',
    outputs: 'one',
    logits(parameters, input, dropout) {
      const drop = createDropout(tensorFlow, dropout);
      const run = (layer: number, suffix: '' | '_reverse', value: Tensor3D) =>
        lstmLayer(tensorFlow, value, layerParameters(parameters, layer, suffix), { inputGradient: layer > 0, ...(form === undefined ? {} : { form }) });

      let sequence = input; // [rows, batch, features]
      for (let layer = 0; layer < layers - 1; layer++) {
        const forward = run(layer, '', sequence);
        const both = bidirectional ? tf.concat([forward, tf.reverse(run(layer, '_reverse', tf.reverse(sequence, 0)), 0)], 2) : forward;
        sequence = drop(both); // [rows, batch, directions * hidden]
      }

      const top = layers - 1;
      const newest = lastRow(tensorFlow, run(top, '', sequence));
      if (!bidirectional) return denseHead(tf, parameters, architecture.headLayers, newest, drop);
      // At the newest row the backward direction has read one row only: one step instead of the whole window.
      const seen = head === 'last-step' ? tf.slice(sequence, [sequence.shape[0] - 1, 0, 0], [1, -1, -1]) : tf.reverse(sequence, 0);
      const state = tf.concat([newest, lastRow(tensorFlow, run(top, '_reverse', seen))], 1);
      return denseHead(tf, parameters, architecture.headLayers, state, drop);
    },
  };
}

function layerParameters(parameters: ParameterTensors, layer: number, suffix: string): LstmLayerParameters {
  const named = (name: string) => parameter(parameters, `lstm.${name}_l${layer}${suffix}`);
  return {
    inputWeight: named('weight_ih') as Tensor2D,
    recurrentWeight: named('weight_hh') as Tensor2D,
    inputBias: named('bias_ih') as Tensor1D,
    recurrentBias: named('bias_hh') as Tensor1D,
  };
}

/** `[rows, batch, hidden]` to the last row's `[batch, hidden]`. */
function lastRow({ tf }: TensorFlow, states: Tensor3D): Tensor2D {
  const [rows, batch, hiddenSize] = states.shape;
  return tf.reshape(tf.slice(states, [rows - 1, 0, 0], [1, batch, hiddenSize]), [batch, hiddenSize]);
}
