import type { Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs';
import type { Dropout, ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import { adamW, clipByNorm, type AdamWState, type AdamWStep } from './adamw.js';
import type { BatchTargets } from './example-batches.js';
import { flatGradient, parameterTensors, type ParameterLayout } from './flat-parameters.js';
import { logitLoss } from './logit-loss.js';

export interface StepSettings extends AdamWStep {
  readonly clipNorm: number;
  readonly positiveWeight: number;
  readonly dropout?: Dropout | undefined;
}

export interface StepResult {
  readonly state: AdamWState;
  /** Mean over the scored rows' weights. */
  readonly loss: number;
  /** Length of the gradient before clipping. */
  readonly norm: number;
  readonly logits: ArrayLike<number>;
}

/** Forward, backward, clip and AdamW on one batch. Returns a new state; the one given stays the caller's. */
export function trainingStep(
  tf: Tfjs,
  forward: ForwardPass,
  layout: ParameterLayout,
  state: AdamWState,
  batch: { readonly input: Tensor3D; readonly targets: BatchTargets },
  settings: StepSettings,
): StepResult {
  let loss = NaN;
  let norm = NaN;
  let logits: ArrayLike<number> = [];
  const next = tf.tidy(() => {
    const parameters = parameterTensors(state.weights, layout);
    const label = tf.tensor(batch.targets.label, [...batch.targets.shape]);
    const share = tf.tensor(shares(batch.targets, settings.positiveWeight), [...batch.targets.shape]);
    let outputs: Tensor | undefined;
    const { value, grads } = tf.engine().gradients(
      () => {
        const predicted = forward.logits(parameters, batch.input, settings.dropout);
        outputs = tf.keep(predicted.clone());
        return logitLoss(tf, predicted, label, share);
      },
      [...parameters.values()],
    );
    const clipped = clipByNorm(tf, flatGradient(tf, grads, layout), settings.clipNorm);
    // One wait for the device, once everything is under way.
    const updated = adamW(tf, state, clipped.gradient, settings);
    [loss, norm] = tf.stack([value, clipped.norm]).dataSync();
    if (outputs !== undefined) logits = outputs.dataSync();
    outputs?.dispose();
    return updated as AdamWState & Record<string, Tensor1D>;
  });
  return { state: next, loss, norm, logits };
}

/** What each logit's loss counts in the batch's mean: its weight over all weights, times its class's. */
function shares({ label, weight }: BatchTargets, positiveWeight: number): Float32Array {
  let total = 0;
  for (let index = 0; index < weight.length; index++) total += weight[index];
  if (total === 0) return new Float32Array(weight.length);
  return weight.map((each, index) => ((label[index] === 1 ? positiveWeight : 1) * each) / total);
}
