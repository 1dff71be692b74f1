import type { NamedColumns } from '../named-columns.js';
import { SortedWindow } from './sorted-window.js';

const WINDOW = 20;
const LOWER = 0.33;
const UPPER = 0.67;

/** The regimes as one-hot columns of 0, to be set row by row. */
function noRegime(rows: number): { volatility_low: Float64Array; volatility_medium: Float64Array; volatility_high: Float64Array } {
  return { volatility_low: new Float64Array(rows), volatility_medium: new Float64Array(rows), volatility_high: new Float64Array(rows) };
}

/** Linearly interpolated quantile of what the window holds. */
function quantile(window: SortedWindow, q: number): number {
  const position = q * (window.size - 1);
  const rank = Math.floor(position);
  const lower = window.at(rank);
  return position === rank ? lower : lower + (window.at(rank + 1) - lower) * (position - rank);
}

/**
 * V1's regime: the average true range against its own 0.33 and 0.67 quantiles over the last 20 rows (fewer at the
 * head). High wins, so a flat market, and row 0, is high.
 */
export function regimeByQuantile(atr: Float64Array): NamedColumns {
  const regime = noRegime(atr.length);
  const window = new SortedWindow();
  for (let i = 0; i < atr.length; i++) {
    const value = atr[i];
    if (i < WINDOW) window.add(value);
    else window.replace(atr[i - WINDOW], value);
    if (value >= quantile(window, UPPER)) regime.volatility_high[i] = 1;
    else if (value < quantile(window, LOWER)) regime.volatility_low[i] = 1;
    else regime.volatility_medium[i] = 1;
  }
  return { ...regime };
}

/** V2's regime: low up to a percentile of 0.33, medium up to 0.67, else high. NaN where the percentile is. */
export function regimeByPercentile(percentile: Float64Array): NamedColumns {
  const regime = noRegime(percentile.length);
  for (let i = 0; i < percentile.length; i++) {
    const value = percentile[i];
    if (value <= LOWER) regime.volatility_low[i] = 1;
    else if (value <= UPPER) regime.volatility_medium[i] = 1;
    else if (value > UPPER) regime.volatility_high[i] = 1;
    else regime.volatility_low[i] = regime.volatility_medium[i] = regime.volatility_high[i] = NaN;
  }
  return { ...regime };
}
