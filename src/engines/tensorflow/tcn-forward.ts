import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TcnArchitecture } from '../../models/architecture.js';
import { dilation, receptiveField } from '../../models/tcn.js';
import { parameter } from './dense-head.js';
import { createDropout } from './dropout.js';
import type { Dropout, ForwardPass, ParameterTensors } from './forward-pass.js';
import { gatedConvolution, linear } from './gated-convolution.js';
import { matrixKernels } from './matrix-kernels.js';
import type { TensorFlow } from './tensorflow.js';

/**
 * A TCN on a tensor library. Time first, so that an earlier row is a slice and not a copy, whatever the dilation. No row is
 * made up before the first: each layer returns fewer rows than it was given, and a logit stands for exactly
 * `receptiveField` rows. The first `receptiveField - 1` logits of a sequence have no such past and are 0; they must not be scored.
 */
export function tcnForward(tensorFlow: TensorFlow, architecture: TcnArchitecture): ForwardPass {
  const { tf } = tensorFlow;
  const kernels = matrixKernels(tensorFlow);
  const past = receptiveField(architecture) - 1;

  return {
    inputLayout: 'time-first',
    outputs: 'many',
    warmUpRows: past,
    logits(parameters: ParameterTensors, input: Tensor3D, dropout?: Dropout): Tensor {
      const [rows, batch, features] = input.shape;
      if (rows <= past) throw new Error(`a TCN of receptive field ${past + 1} cannot predict from ${rows} rows`);
      const weight = (name: string) => parameter(parameters, name);
      const drop = createDropout(tensorFlow, dropout);
      const dense = (value: Tensor2D, name: string): Tensor2D => {
        const [outputs, inputs] = weight(`${name}.weight`).shape;
        return linear(tf, kernels, value, weight(`${name}.weight`).reshape([outputs, inputs]), weight(`${name}.bias`));
      };

      let value = dense(input.reshape([rows * batch, features]), 'tcn.input'); // [rows * batch, channels]
      for (let layer = 0; layer < architecture.layers; layer++) {
        const name = `tcn.layers.${layer}`;
        const gated = gatedConvolution(tf, kernels, value, weight(`${name}.dilated.weight`), weight(`${name}.dilated.bias`), dilation(layer) * batch);
        const kept = value.shape[0] - gated.shape[0];
        const newer = value.slice([kept, 0], gated.shape);
        value = newer.add(dense(gated, `${name}.residual`));
      }
      const hidden = drop(tf.relu(dense(value, 'head.0')));
      const logits = dense(hidden, 'head.3').reshape([rows - past, batch]);
      return tf.transpose(tf.pad(logits, [[past, 0], [0, 0]]));
    },
  };
}
