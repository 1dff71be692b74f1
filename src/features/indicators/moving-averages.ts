import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

const WINDOWS = [7, 14, 21, 50] as const;

/**
 * Simple moving averages of close over 7, 14, 21 and 50 rows (fewer at the head), and close over each.
 * Summed from the newest row back, so that a longer window goes on where the shorter one stopped.
 */
export function movingAverages(close: Float64Array): NamedColumns {
  const rows = close.length;
  const means = WINDOWS.map(() => new Float64Array(rows));
  const ratios = WINDOWS.map(() => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    const price = close[i];
    let sum = 0;
    let age = 0;
    for (let w = 0; w < WINDOWS.length; w++) {
      const count = i + 1 < WINDOWS[w] ? i + 1 : WINDOWS[w];
      for (; age < count; age++) sum += close[i - age];
      const mean = sum / count;
      means[w][i] = mean;
      ratios[w][i] = price / (mean + EPSILON);
    }
  }
  return Object.fromEntries(
    WINDOWS.flatMap((window, w) => [
      [`sma_${window}`, means[w]],
      [`price_sma_${window}_ratio`, ratios[w]],
    ]),
  );
}
