import { SortedWindow } from './sorted-window.js';

/**
 * Rank of each value among the last `window` rows including itself, over `window`: average rank where values tie, so
 * `1/window .. 1`. NaN until the window is full. Windows of up to 127 rows.
 */
export function rankPercentile(values: Float64Array, window: number): Float64Array {
  const rows = values.length;
  const percentile = new Float64Array(rows).fill(NaN, 0, Math.min(window - 1, rows));
  const sorted = new SortedWindow();
  for (let i = 0; i < rows; i++) {
    const value = values[i];
    const rank = i < window ? sorted.add(value) : sorted.replace(values[i - window], value);
    if (i < window - 1) continue;
    let below = rank;
    while (below > 0 && sorted.at(below - 1) === value) below--;
    let upTo = rank + 1;
    while (upTo < window && sorted.at(upTo) === value) upTo++;
    percentile[i] = (below + (upTo - below + 1) / 2) / window;
  }
  return percentile;
}
