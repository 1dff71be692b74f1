import { applyIsotonic, fitIsotonic } from './isotonic-regression.js';
import { applyPlatt, fitPlatt } from './platt-scaling.js';

export const CALIBRATION_METHODS = ['none', 'platt', 'isotonic'] as const;
export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];

/**
 * A map of P(up) to a calibrated P(up). `platt`: the logit z becomes `slope * z + intercept`, slope > 0. `isotonic`: a
 * rising curve through points, straight between them and level beyond the outermost.
 */
export type ProbabilityCalibration =
  | { readonly method: 'platt'; readonly slope: number; readonly intercept: number }
  | { readonly method: 'isotonic'; readonly score: readonly number[]; readonly probability: readonly number[] };

/**
 * Fits a calibration; on validation windows only. An isotonic curve stays within [1 / (n + 2), (n + 1) / (n + 2)] of n
 * windows (Laplace), so that no window is called certain.
 * @returns undefined for `none`, and where Platt's slope would turn the model round: that would be a choice by noise
 * @throws InputError `nothing-to-calibrate` without a single window
 */
export function fitProbabilityCalibration(method: CalibrationMethod, probability: ArrayLike<number>, label: ArrayLike<number>): ProbabilityCalibration | undefined {
  if (method === 'none') return undefined;
  if (method === 'platt') {
    const { slope, intercept } = fitPlatt(logitsOf(probability), label);
    return slope < 0 ? { method, slope: -slope, intercept: -intercept } : undefined;
  }
  const curve = fitIsotonic(probability, label);
  const least = 1 / (label.length + 2);
  return { method, score: [...curve.score], probability: Array.from(curve.probability, (p) => Math.min(1 - least, Math.max(least, p))) };
}

export function applyProbabilityCalibration(calibration: ProbabilityCalibration, probability: ArrayLike<number>): Float64Array {
  if (calibration.method === 'platt') return applyPlatt({ slope: -calibration.slope, intercept: -calibration.intercept }, logitsOf(probability));
  return applyIsotonic({ score: Float64Array.from(calibration.score), probability: Float64Array.from(calibration.probability) }, probability);
}

/** Of certain forecasts the logit of 1e-12 and its opposite. */
function logitsOf(probability: ArrayLike<number>): Float64Array {
  return Float64Array.from(probability, (p) => {
    const inside = Math.min(1 - 1e-12, Math.max(1e-12, p));
    return Math.log(inside / (1 - inside));
  });
}
