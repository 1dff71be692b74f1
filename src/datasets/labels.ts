import type { RowRange } from './split.js';

/**
 * Direction labels of one split: 1 when c[t + horizon] > c[t], else 0 (a tie is 0). Rows, not minutes.
 * @returns `[range.to - range.from]`; NaN for the last `horizon` rows of the split, whose outcome lies outside it
 */
export function directionLabels(close: Float64Array, horizon: number, range: RowRange): Float64Array {
  const rows = range.to - range.from;
  const labels = new Float64Array(rows).fill(NaN);
  for (let row = 0; row < rows - horizon; row++) {
    const now = range.from + row;
    labels[row] = close[now + horizon] > close[now] ? 1 : 0;
  }
  return labels;
}
