import type { Rank, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { InputError } from '../../errors.js';
import type { TransformerArchitecture } from '../../models/architecture.js';
import { POSITIONS, sinusoids } from '../../models/positions.js';
import { denseHead, linear, parameter } from './dense-head.js';
import { createDropout } from './dropout.js';
import type { ForwardPass, ParameterTensors } from './forward-pass.js';
import type { TensorFlow } from './tensorflow.js';

const EPSILON = 1e-5;

/**
 * A post-norm encoder and its head (`torch.nn.TransformerEncoderLayer`, relu, no mask). Only the newest row reaches the
 * head, so the last layer's queries, output projection and feed-forward are computed for that row alone. Dropout falls
 * where PyTorch's layer has it: on positions, attention, both sublayers, the feed-forward's hidden units, and in the head.
 * `pos_encoder.pe` among the parameters is used as it is; without it positions are sinusoids.
 */
export function transformerForward(tensorFlow: TensorFlow, architecture: TransformerArchitecture): ForwardPass {
  const { tf } = tensorFlow;
  const { modelSize, heads, layers } = architecture;
  const headSize = modelSize / heads;

  return {
    inputLayout: 'batch-first',
    outputs: 'one',
    /** @throws InputError `window-too-long` where `pos_encoder.pe` holds fewer positions than the windows have rows */
    logits(parameters, input, dropout) {
      const drop = createDropout(tensorFlow, dropout);
      const named = (name: string) => parameter(parameters, name);
      const [batch, length, inputs] = input.shape;

      /** Over the last axis of `[batch, any, in]`. */
      const project = (value: Tensor, weight: Tensor, bias: Tensor): Tensor3D =>
        tf.reshape(linear(tf, tf.reshape(value, [-1, value.shape[2]!]), weight, bias), [batch, value.shape[1]!, weight.shape[0]]);
      const normalise = (value: Tensor, name: string): Tensor3D => {
        const centred = tf.sub(value, tf.mean(value, -1, true));
        const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), EPSILON));
        return tf.add<Tensor3D>(tf.mul(tf.mul(centred, scale), named(`${name}.weight`)), named(`${name}.bias`));
      };
      const splitHeads = (value: Tensor3D) => tf.transpose(tf.reshape(value, [batch, value.shape[1], heads, headSize]), [0, 2, 1, 3]);

      const projected = project(tf.reshape(input, [batch, length, inputs]), named('input_projection.weight'), named('input_projection.bias'));
      let value = drop(tf.add<Tensor3D>(projected, positions(tensorFlow, parameters, length, modelSize))); // [batch, rows, d]

      for (let layer = 0; layer < layers; layer++) {
        const name = `transformer_encoder.layers.${layer}`;
        const inWeights = tf.split(named(`${name}.self_attn.in_proj_weight`), 3, 0);
        const inBiases = tf.split(named(`${name}.self_attn.in_proj_bias`), 3, 0);
        const asked = layer === layers - 1 ? tf.slice(value, [0, length - 1, 0], [-1, 1, -1]) : value; // [batch, 1 or rows, d]
        const query = splitHeads(project(asked, inWeights[0], inBiases[0])); // [batch, heads, asked, d / heads]
        const key = splitHeads(project(value, inWeights[1], inBiases[1]));
        const content = splitHeads(project(value, inWeights[2], inBiases[2]));
        const scores = tf.matMul(tf.mul(query, 1 / Math.sqrt(headSize)), key, false, true);
        const mixed = tf.matMul(drop(tf.softmax(scores)), content);
        const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, asked.shape[1], modelSize]);
        const attended = project(merged, named(`${name}.self_attn.out_proj.weight`), named(`${name}.self_attn.out_proj.bias`));
        const first = normalise(tf.add(asked, drop(attended)), `${name}.norm1`);
        const wide = drop(tf.relu(project(first, named(`${name}.linear1.weight`), named(`${name}.linear1.bias`))));
        const narrow = drop(project(wide, named(`${name}.linear2.weight`), named(`${name}.linear2.bias`)));
        value = normalise(tf.add(first, narrow), `${name}.norm2`);
      }
      const newest = tf.reshape<Rank.R2>(value, [batch, modelSize]); // the last layer kept one row
      return denseHead(tf, parameters, ['output_layer.0', 'output_layer.3'], newest, drop);
    },
  };
}

/** What is added to each row, `[rows, d]`. */
function positions({ tf }: TensorFlow, parameters: ParameterTensors, length: number, modelSize: number): Tensor2D {
  const stored = parameters.get(POSITIONS);
  if (stored === undefined) return tf.tensor2d(sinusoids(length, modelSize), [length, modelSize]);
  const known = stored.size / modelSize;
  if (length > known) {
    throw new InputError(`the model has ${known} positions and the windows have ${length} rows`, {
      code: 'window-too-long',
      place: { tensor: POSITIONS },
      hint: `use windows of at most ${known} rows: --window-length ${known}`,
    });
  }
  return tf.slice(tf.reshape<Rank.R2>(stored, [known, modelSize]), [0, 0], [length, modelSize]);
}
