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

/** A gradient, to be shortened. */
export interface Clipped {
  readonly gradient: Tensor1D;
  /** Of each element, unclipped. */
  readonly squares: Tensor1D;
  /** Euclidean length of the whole, unclipped. */
  readonly norm: Scalar;
  /** What the gradient is to be multiplied by, at most 1: a factor of those that follow anyway, and not a pass over all parameters. */
  readonly scale: Scalar;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019: decay apart from the gradient), as `torch.optim.AdamW` takes it but for the
 * order of constant factors. Returns new tensors; those given stay the caller's.
 */
export function adamW(tf: Tfjs, state: AdamWState, { gradient, squares, scale }: Clipped, { learningRate, weightDecay, step }: AdamWStep): AdamWState {
  return tf.tidy(() => {
    const firstMoment = state.firstMoment.mul(BETA1).add(gradient.mul(scale.mul(1 - BETA1)));
    const secondMoment = state.secondMoment.mul(BETA2).add(squares.mul(scale.square().mul(1 - BETA2)));
    const correction = Math.sqrt(1 - BETA2 ** step);
    const stepSize = (learningRate * correction) / (1 - BETA1 ** step);
    const decayed = state.weights.mul(1 - learningRate * weightDecay);
    const weights = decayed.sub(firstMoment.mul(stepSize).div(secondMoment.sqrt().add(EPSILON * correction)));
    return { weights, firstMoment, secondMoment } as AdamWState & Record<string, Tensor1D>;
  });
}

/** So that the gradient is no longer than `longest`, as `torch.nn.utils.clip_grad_norm_`. */
export function clipByNorm(tf: Tfjs, gradient: Tensor1D, longest: number): Clipped {
  return tf.tidy(() => {
    const squares = gradient.square();
    const norm = squares.sum().sqrt();
    const scale = tf.minimum(tf.div(longest, norm.add(1e-6)), 1);
    return { gradient, squares, norm, scale } as Clipped & Record<string, Tensor1D>;
  });
}
