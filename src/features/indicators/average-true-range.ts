import type { Candles } from '../../candles/candles.js';
import { trailingMean } from './trailing-mean.js';

/**
 * True range: max(high - low, |high - previous close|, |low - previous close|); the first row has high - low only.
 * Computed as the distance from the lower of low and previous close to the higher of high and previous close, which is
 * the same to the bit.
 */
export function trueRange({ high, low, close }: Candles): Float64Array {
  const rows = close.length;
  const range = new Float64Array(rows);
  if (rows > 0) range[0] = high[0] - low[0];
  for (let i = 1; i < rows; i++) range[i] = Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1]);
  return range;
}

/** Simple (not Wilder's) mean of the true range over `window` rows; a shorter window at the head. Quote currency. */
export function averageTrueRange(candles: Candles, window = 14): Float64Array {
  return trailingMean(trueRange(candles), window);
}
