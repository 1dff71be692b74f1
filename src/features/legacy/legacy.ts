import type { Candles } from '../../candles/candles.js';
import { averageTrueRange } from '../indicators/average-true-range.js';
import { rankPercentile } from '../indicators/rank-percentile.js';
import { regimeByPercentile } from '../indicators/volatility-regime.js';
import type { NamedColumn } from '../named-columns.js';
import { candleColumns, v1Columns } from '../v1-31.js';
import { PERCENTILE_WINDOW } from '../v2-50.js';
import { legacyTimeframeColumns } from './bar-in-progress.js';
import { filled } from './fill.js';

/** `v1-31`, legacy: the causal columns, their heads filled from later rows. */
export function legacyV1Columns(candles: Candles): Generator<NamedColumn> {
  return filled(v1Columns(candles));
}

/** `v2-50`, legacy (the original's second script): V1's columns filled, bars in progress, the percentile's head left NaN. */
export function* legacyV2Columns(candles: Candles): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  const percentile = rankPercentile(atr, PERCENTILE_WINDOW);
  yield* filled(candleColumns(candles, atr));
  for (const [name, values] of Object.entries(regimeByPercentile(percentile))) {
    values.fill(0, 0, Math.min(PERCENTILE_WINDOW - 1, values.length));
    yield [name, values];
  }
  yield* legacyTimeframeColumns(candles);
  yield ['atr_percentile', percentile];
}
