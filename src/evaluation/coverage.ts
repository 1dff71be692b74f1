import { confidenceOf } from './confidence.js';
import type { CoveragePoint } from './evaluation.js';
import { sortedOrder } from './sorted-order.js';

const MOST_POINTS = 200;

export interface Coverage {
  /** At most 200 points, from few windows to all. */
  readonly points: readonly CoveragePoint[];
  /** Absent when no share reaches the gate. */
  readonly coverageAtGate?: number;
}

/**
 * Accuracy when only the most confident windows are decided, by confidence max(p, 1 - p). Windows of equal confidence
 * come in together: nothing would tell them apart when it counts.
 *
 * `coverageAtGate` looks at every confidence there is, but never at fewer windows than the curve's first point holds
 * (half a percent): the few most confident windows can always be right by luck.
 * @param correct 1 where the decision was right, `[windows]`.
 */
export function accuracyByCoverage(probability: Float64Array, correct: Uint8Array, accuracyGate: number): Coverage {
  const windows = probability.length;
  const confidence = Float64Array.from(probability, confidenceOf);
  const ascending = sortedOrder(confidence);
  const step = Math.ceil(windows / MOST_POINTS);
  const points: CoveragePoint[] = [];
  let coverageAtGate: number | undefined;
  let right = 0;
  let nextPoint = step;
  for (let kept = 0; kept < windows; ) {
    const level = confidence[ascending[windows - 1 - kept]];
    while (kept < windows && confidence[ascending[windows - 1 - kept]] === level) {
      right += correct[ascending[windows - 1 - kept]];
      kept += 1;
    }
    const accuracy = right / kept;
    if (kept >= step && accuracy >= accuracyGate) coverageAtGate = kept / windows;
    if (kept >= nextPoint || kept === windows) {
      points.push({ coverage: kept / windows, confidence: level, accuracy, windows: kept });
      nextPoint = (Math.floor(kept / step) + 1) * step;
    }
  }
  return { points, ...(coverageAtGate === undefined ? {} : { coverageAtGate }) };
}
