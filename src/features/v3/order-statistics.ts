import { SortedWindow } from '../indicators/sorted-window.js';

/**
 * The value below which a share `quantile` (0 to 1) of the last `rows` values lies, between two neighbours in proportion
 * (as NumPy and pandas have it by default); 0.5 is the median. NaN where a window is cut off; what
 * stands in rows before `from` is not to be read. One array for each quantile. For values without NaN and `rows` below 128.
 */
export function trailingQuantiles(values: Float64Array, rows: number, quantiles: readonly number[], from = 0): Float64Array[] {
  const found = quantiles.map(() => new Float64Array(values.length).fill(NaN, Math.max(0, from), Math.max(0, from, rows - 1)));
  const places = quantiles.map((quantile) => quantile * (rows - 1));
  const start = Math.max(0, from - rows + 1);
  const window = new SortedWindow();
  for (let row = start; row < values.length; row++) {
    if (row < start + rows) window.add(values[row]);
    else window.replace(values[row - rows], values[row]);
    if (row < rows - 1 || row < from) continue;
    for (let i = 0; i < places.length; i++) {
      const below = Math.floor(places[i]);
      const low = window.at(below);
      // Past the last value stands Infinity, which a share of 0 would turn into NaN.
      found[i][row] = below === places[i] ? low : low + (places[i] - below) * (window.at(below + 1) - low);
    }
  }
  return found;
}
