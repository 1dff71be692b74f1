import type { Candles } from '../../candles/candles.js';
import { averageTrueRange } from '../indicators/average-true-range.js';
import { rankPercentile } from '../indicators/rank-percentile.js';
import { regimeByQuantile } from '../indicators/volatility-regime.js';
import type { NamedColumn } from '../named-columns.js';
import { candleColumns } from '../v1-31.js';
import { PERCENTILE_WINDOW } from '../v2-50.js';
import { legacyTimeframeColumns } from './bar-in-progress.js';
import { filled } from './fill.js';

/** Rows of the average true range that this script ranks; the column `atr` still has 14. */
const RANKED_WINDOW = 20;

/** Percentile of a 20-row average true range that exists only where its window is full: first in row 118. */
function percentileOfLongerRange(candles: Candles): Float64Array {
  const head = Math.min(RANKED_WINDOW - 1, candles.close.length);
  const percentile = new Float64Array(candles.close.length).fill(NaN, 0, head);
  percentile.set(rankPercentile(averageTrueRange(candles, RANKED_WINDOW).subarray(head), PERCENTILE_WINDOW), head);
  return percentile;
}

function* unfilled(candles: Candles): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  yield* legacyTimeframeColumns(candles);
  yield ['atr', atr];
  yield ['atr_percentile', percentileOfLongerRange(candles)];
  yield* Object.entries(regimeByQuantile(atr));
  for (const column of candleColumns(candles, atr)) if (column[0] !== 'atr') yield column;
}

/** `v2-50`, legacy-a (the original's first script): its own order and percentile, every column filled from later rows. */
export function legacyAColumns(candles: Candles): Generator<NamedColumn> {
  return filled(unfilled(candles));
}
