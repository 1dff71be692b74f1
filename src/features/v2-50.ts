import type { Candles } from '../candles/candles.js';
import { averageTrueRange } from './indicators/average-true-range.js';
import { rankPercentile } from './indicators/rank-percentile.js';
import { regimeByPercentile } from './indicators/volatility-regime.js';
import { alignmentScore } from './multi-timeframe/alignment-score.js';
import { aggregateBars, TIMEFRAMES } from './multi-timeframe/bars.js';
import type { Bars } from './multi-timeframe/bars.js';
import { joinBars, seenOnceClosed } from './multi-timeframe/join.js';
import type { NamedColumn } from './named-columns.js';
import { candleColumns } from './v1-31.js';

/** Rows over which the average true range is ranked. */
export const PERCENTILE_WINDOW = 100;

/** The row from which each bar of a timeframe is seen, `[bars]`; it stays in sight until the next one is. */
export type SeenFrom = (bars: Bars, time: Float64Array) => Int32Array;

/** The 18 columns of the longer timeframes: 5m, 15m and 1h bars, and how far they move together. */
export function* timeframeColumns(candles: Candles, seenFrom: SeenFrom): Generator<NamedColumn> {
  const closes = [candles.close];
  let shorter: Omit<Bars, 'timeframe'> = candles;
  for (const timeframe of TIMEFRAMES) {
    const bars = aggregateBars(shorter, timeframe);
    shorter = bars;
    const joined = joinBars(bars, seenFrom(bars, candles.time), candles.time.length);
    closes.push(joined[`${timeframe.label}_close`]);
    yield* Object.entries(joined);
  }
  yield* Object.entries(alignmentScore(closes));
}

/** `v2-50`, causal: one column after the other in model input order; NaN at the head stays. */
export function* v2Columns(candles: Candles): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  const percentile = rankPercentile(atr, PERCENTILE_WINDOW);
  yield* candleColumns(candles, atr);
  yield* Object.entries(regimeByPercentile(percentile));
  yield* timeframeColumns(candles, seenOnceClosed);
  yield ['atr_percentile', percentile];
}
