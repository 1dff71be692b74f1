import { InputError } from '../errors.js';

/** P(up) = 1 / (1 + exp(slope * logit + intercept)); a skilful model's slope is below 0. */
export interface PlattScaling {
  readonly slope: number;
  readonly intercept: number;
}

const MOST_STEPS = 100;
const SMALLEST_STEP = 1e-10;
const RIDGE = 1e-12;
const SUFFICIENT_DECREASE = 1e-4;

/**
 * Fits a sigmoid to logits (Platt 1999) by Newton's method with a line search (Lin, Lin and Weng 2007). Targets are
 * Platt's: (ups + 1) / (ups + 2) and 1 / (downs + 2), so that separable data have a finite fit. Fit it on validation
 * windows only.
 * @throws InputError `nothing-to-calibrate` without a single window.
 */
export function fitPlatt(logits: ArrayLike<number>, label: ArrayLike<number>): PlattScaling {
  const count = logits.length;
  if (count === 0) throw new InputError('no validation window to calibrate on', { code: 'nothing-to-calibrate', hint: 'give more candles' });
  let ups = 0;
  for (let index = 0; index < count; index++) ups += label[index];
  const target = Float64Array.from({ length: count }, (_, index) => (label[index] === 1 ? (ups + 1) / (ups + 2) : 1 / (count - ups + 2)));

  let slope = 0;
  let intercept = Math.log((count - ups + 1) / (ups + 1));
  let loss = crossEntropy(logits, target, slope, intercept);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { slopeGradient, interceptGradient, slopeSlope, slopeIntercept, interceptIntercept } = derivatives(logits, target, slope, intercept);
    if (Math.abs(slopeGradient) < 1e-9 * count && Math.abs(interceptGradient) < 1e-9 * count) break;
    const determinant = slopeSlope * interceptIntercept - slopeIntercept ** 2;
    const slopeStep = -(interceptIntercept * slopeGradient - slopeIntercept * interceptGradient) / determinant;
    const interceptStep = -(slopeSlope * interceptGradient - slopeIntercept * slopeGradient) / determinant;
    const descent = slopeGradient * slopeStep + interceptGradient * interceptStep;
    let share = 1;
    for (; share >= SMALLEST_STEP; share /= 2) {
      const next = crossEntropy(logits, target, slope + share * slopeStep, intercept + share * interceptStep);
      if (next < loss + SUFFICIENT_DECREASE * share * descent) {
        slope += share * slopeStep;
        intercept += share * interceptStep;
        loss = next;
        break;
      }
    }
    if (share < SMALLEST_STEP) break;
  }
  return { slope, intercept };
}

export function applyPlatt({ slope, intercept }: PlattScaling, logits: ArrayLike<number>): Float64Array {
  return Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(slope * logit + intercept)));
}

function crossEntropy(logits: ArrayLike<number>, target: Float64Array, slope: number, intercept: number): number {
  let loss = 0;
  for (let index = 0; index < target.length; index++) {
    const score = slope * logits[index] + intercept;
    loss += Math.max(score, 0) - (1 - target[index]) * score + Math.log1p(Math.exp(-Math.abs(score)));
  }
  return loss;
}

function derivatives(logits: ArrayLike<number>, target: Float64Array, slope: number, intercept: number) {
  let [slopeGradient, interceptGradient, slopeSlope, slopeIntercept, interceptIntercept] = [0, 0, RIDGE, 0, RIDGE];
  for (let index = 0; index < target.length; index++) {
    const logit = logits[index];
    const up = 1 / (1 + Math.exp(slope * logit + intercept));
    const difference = target[index] - up;
    const curvature = up * (1 - up);
    slopeGradient += logit * difference;
    interceptGradient += difference;
    slopeSlope += logit * logit * curvature;
    slopeIntercept += logit * curvature;
    interceptIntercept += curvature;
  }
  return { slopeGradient, interceptGradient, slopeSlope, slopeIntercept, interceptIntercept };
}
