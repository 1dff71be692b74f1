import type { Tensor1D } from '@tensorflow/tfjs';
import type { ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import { logLossOf } from './logit-loss.js';
import { parameterTensors, type ParameterLayout } from './flat-parameters.js';
import type { BatchTargets, ExampleSource } from './example-batches.js';

/** Sums over scored rows, by weight. */
export interface Score {
  readonly loss: number;
  readonly correct: number;
  readonly weight: number;
}

/** Log loss and right decisions of one batch's logits; a logit of exactly 0 decides up. */
export function scoreLogits(logits: ArrayLike<number>, { label, weight }: BatchTargets): Score {
  let loss = 0;
  let correct = 0;
  let total = 0;
  for (let index = 0; index < weight.length; index++) {
    if (weight[index] === 0) continue;
    total += weight[index];
    loss += weight[index] * logLossOf(logits[index], label[index]);
    if (logits[index] >= 0 === (label[index] === 1)) correct += weight[index];
  }
  return { loss, correct, weight: total };
}

/** Of a batch, without dropout. */
export function batchLogits(tf: Tfjs, model: { readonly forward: ForwardPass; readonly weights: Tensor1D; readonly layout: ParameterLayout }, source: ExampleSource, batch: Int32Array): Float32Array {
  return tf.tidy(() => model.forward.logits(parameterTensors(model.weights, model.layout), source.input(batch)).dataSync<'float32'>());
}

/** Mean log loss and accuracy over all batches, by `logits` of each. `between` is awaited after each batch. */
export async function validate(
  logits: (batch: Int32Array) => Promise<ArrayLike<number>>,
  source: ExampleSource,
  batches: readonly Int32Array[],
  between: () => Promise<void>,
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const total = { loss: 0, correct: 0, weight: 0 };
  for (const batch of batches) {
    const score = scoreLogits(await logits(batch), source.targets(batch));
    total.loss += score.loss;
    total.correct += score.correct;
    total.weight += score.weight;
    await between();
  }
  return { loss: total.loss / total.weight, accuracy: total.correct / total.weight };
}
