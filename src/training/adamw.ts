import type { Scalar, Tensor1D } from '@tensorflow/tfjs';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';

/** Parameters and their moments, `[size]` each. */
export interface AdamWState {
  readonly weights: Tensor1D;
  readonly firstMoment: Tensor1D;
  readonly secondMoment: Tensor1D;
}

export interface AdamWStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Counted from 1. */
  readonly step: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * One step of AdamW (Loshchilov and Hutter 2019: decay apart from the gradient), in the arithmetic of
 * `torch.optim.AdamW`. Returns new tensors; those given stay the caller's.
 */
export function adamW(tf: Tfjs, state: AdamWState, gradient: Tensor1D, { learningRate, weightDecay, step }: AdamWStep): AdamWState {
  return tf.tidy(() => {
    const firstMoment = state.firstMoment.add(gradient.sub(state.firstMoment).mul(1 - BETA1));
    const secondMoment = state.secondMoment.mul(BETA2).add(gradient.square().mul(1 - BETA2));
    const stepSize = learningRate / (1 - BETA1 ** step);
    const denominator = secondMoment.sqrt().div(Math.sqrt(1 - BETA2 ** step)).add(EPSILON);
    const decayed = state.weights.mul(1 - learningRate * weightDecay);
    return { weights: decayed.sub(firstMoment.mul(stepSize).div(denominator)), firstMoment, secondMoment } as AdamWState & Record<string, Tensor1D>;
  });
}

/** Euclidean length of the whole gradient, and the gradient no longer than `longest`, as `torch.nn.utils.clip_grad_norm_`. */
export function clipByNorm(tf: Tfjs, gradient: Tensor1D, longest: number): { readonly norm: Scalar; readonly gradient: Tensor1D } {
  return tf.tidy(() => {
    const norm = gradient.square().sum().sqrt();
    const scale = tf.minimum(tf.div(longest, norm.add(1e-6)), 1);
    return { norm, gradient: gradient.mul(scale) } as { norm: Scalar; gradient: Tensor1D };
  });
}
