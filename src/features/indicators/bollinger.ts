import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

const WINDOW = 20;
const DEVIATIONS = 2;

/**
 * Bollinger bands of close: mean over 20 rows +- 2 standard deviations (ddof 0), their distance over CLOSE (not over
 * the middle band), and where close stands between them (not clipped). NaN in rows 0..18.
 */
export function bollinger(close: Float64Array): NamedColumns {
  const rows = close.length;
  const head = WINDOW - 1;
  const bb_high = new Float64Array(rows).fill(NaN, 0, head);
  const bb_low = new Float64Array(rows).fill(NaN, 0, head);
  const bb_width = new Float64Array(rows).fill(NaN, 0, head);
  const bb_position = new Float64Array(rows).fill(NaN, 0, head);
  for (let i = head; i < rows; i++) {
    const mean = trailingSum(close, i) / WINDOW;
    const reach = DEVIATIONS * Math.sqrt(trailingSquares(close, i, mean) / WINDOW);
    const high = mean + reach;
    const low = mean - reach;
    bb_high[i] = high;
    bb_low[i] = low;
    bb_width[i] = (high - low) / (close[i] + EPSILON);
    bb_position[i] = (close[i] - low) / (high - low + EPSILON);
  }
  return { bb_high, bb_low, bb_width, bb_position };
}

/** Sum of the 20 values up to row `i`, in four strands that do not wait for each other. */
function trailingSum(x: Float64Array, i: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let j = i - WINDOW + 1; j <= i; j += 4) {
    a += x[j];
    b += x[j + 1];
    c += x[j + 2];
    d += x[j + 3];
  }
  return a + b + (c + d);
}

/** Sum of their squared distances from `mean`, likewise. */
function trailingSquares(x: Float64Array, i: number, mean: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let j = i - WINDOW + 1; j <= i; j += 4) {
    a += (x[j] - mean) ** 2;
    b += (x[j + 1] - mean) ** 2;
    c += (x[j + 2] - mean) ** 2;
    d += (x[j + 3] - mean) ** 2;
  }
  return a + b + (c + d);
}
