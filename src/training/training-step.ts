import type { Scalar, Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs';
import type { Dropout, ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import { adamW, clipByNorm, type AdamWState, type AdamWStep } from './adamw.js';
import type { BatchTargets } from './example-batches.js';
import { flatGradient, parameterTensors, type ParameterLayout } from './flat-parameters.js';
import { logitLoss } from './logit-loss.js';

export interface GradientSettings {
  readonly positiveWeight: number;
  readonly dropout?: Dropout | undefined;
  /** What the loss is multiplied by while its gradient is taken; default 1. */
  readonly lossScale?: number | undefined;
}

export interface StepSettings extends AdamWStep, GradientSettings {
  readonly clipNorm: number;
}

export interface StepResult {
  readonly state: AdamWState;
  /** Mean over the scored rows' weights. */
  readonly loss: number;
  /** Length of the gradient before clipping. */
  readonly norm: number;
  readonly logits: ArrayLike<number>;
}

/** Of a batch, or of a part of one: the parts' losses and gradients add up to the batch's. */
export interface BatchGradient {
  /** The scored rows' part in the batch's mean. */
  readonly loss: Scalar;
  /** `[size]` */
  readonly gradient: Tensor1D;
  /** `[batch]` or `[batch, rows]` */
  readonly logits: Tensor;
}

type Examples = { readonly input: Tensor3D; readonly targets: BatchTargets };

/** Forward and backward. `batchWeight`: {@link weightOf} the whole batch, where these are a part of it. The caller disposes what is returned. */
export function batchGradient(tf: Tfjs, forward: ForwardPass, layout: ParameterLayout, weights: Tensor1D, { input, targets }: Examples, settings: GradientSettings, batchWeight = weightOf(targets)): BatchGradient {
  const scale = settings.lossScale ?? 1;
  return tf.tidy(() => {
    const parameters = parameterTensors(weights, layout);
    const label = tf.tensor(targets.label, [...targets.shape]);
    const share = tf.tensor(shares(targets, settings.positiveWeight, batchWeight), [...targets.shape]);
    let logits: Tensor | undefined;
    const { value, grads } = tf.engine().gradients(
      () => {
        const predicted = forward.logits(parameters, input, settings.dropout);
        logits = tf.keep(predicted.clone());
        return logitLoss(tf, predicted, label, share);
      },
      [...parameters.values()],
      scale === 1 ? undefined : tf.scalar(scale),
    );
    const gradient = flatGradient(tf, grads, layout);
    return { loss: value, gradient: scale === 1 ? gradient : gradient.div(scale), logits } as BatchGradient & Record<string, Tensor>;
  });
}

/** Forward, backward, clip and AdamW on one batch. Returns a new state; the one given stays the caller's. */
export function trainingStep(tf: Tfjs, forward: ForwardPass, layout: ParameterLayout, state: AdamWState, batch: Examples, settings: StepSettings): StepResult {
  const { loss, gradient, logits } = batchGradient(tf, forward, layout, state.weights, batch, settings);
  try {
    const stepped = optimiserStep(tf, state, gradient, settings, loss);
    return { ...stepped, logits: logits.dataSync() };
  } finally {
    tf.dispose([loss, gradient, logits]);
  }
}

/** Clip and AdamW. `loss` is only read, once everything is under way, so that the device is waited for once. */
export function optimiserStep(tf: Tfjs, state: AdamWState, gradient: Tensor1D, settings: StepSettings, loss: Scalar): Omit<StepResult, 'logits'> {
  let read: ArrayLike<number> = [];
  const next = tf.tidy(() => {
    const clipped = clipByNorm(tf, gradient, settings.clipNorm);
    const updated = adamW(tf, state, clipped, settings);
    read = tf.stack([loss, clipped.norm]).dataSync();
    return updated as AdamWState & Record<string, Tensor1D>;
  });
  return { state: next, loss: read[0], norm: read[1] };
}

/** Sum over what is scored. */
export function weightOf({ weight }: BatchTargets): number {
  let total = 0;
  for (let index = 0; index < weight.length; index++) total += weight[index];
  return total;
}

/** What each logit's loss counts in the batch's mean: its weight over all weights, times its class's. */
function shares({ label, weight }: BatchTargets, positiveWeight: number, batchWeight: number): Float32Array {
  if (batchWeight === 0) return new Float32Array(weight.length);
  return weight.map((each, index) => ((label[index] === 1 ? positiveWeight : 1) * each) / batchWeight);
}
