import type { Candles } from '../candles/candles.js';
import { averageTrueRange } from './indicators/average-true-range.js';
import { rankPercentile } from './indicators/rank-percentile.js';
import { regimeByPercentile } from './indicators/volatility-regime.js';
import { alignmentScore } from './multi-timeframe/alignment-score.js';
import { aggregateBars, TIMEFRAMES } from './multi-timeframe/bars.js';
import type { Bars } from './multi-timeframe/bars.js';
import { joinBars, seenOnceClosed } from './multi-timeframe/join.js';
import type { Continuation, RecursiveState } from './feature-recipe.js';
import type { NamedColumn } from './named-columns.js';
import { candleColumns } from './v1-31.js';

/** Rows over which the average true range is ranked. */
export const PERCENTILE_WINDOW = 100;

/**
 * A row i depends on rows i - 118 .. i, whatever minutes are missing (beside what RSI and MACD carry):
 * - The 1h bar that i sees is the last one with a candle that has closed by then. Where i is the last minute of a bar,
 *   that is the bar itself: 60 rows at most, up to i. Else it is the one before i's own (bars without a candle do not
 *   exist): i's own has 59 rows at most up to i, that one 60. So it begins at row i - 118 or later. 15m and 5m bars are
 *   made from its rows in the same order, and shorter ones reach less far.
 * - `tf_alignment_score` looks at row i - 5 too, but only at closes: the last row of the bar seen there, i - 5 - 59.
 * - `atr_percentile`: 100 average true ranges of 14 rows, each with the close before: row i - 99 - 13 - 1 = i - 113.
 * - every other window is shorter (`sma_50`).
 */
export const V2_CONTEXT_ROWS = 118;

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
export function* v2Columns(candles: Candles, continuation?: Continuation, onState?: (state: RecursiveState) => void): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  const percentile = rankPercentile(atr, PERCENTILE_WINDOW);
  yield* candleColumns(candles, atr, continuation, onState);
  yield* Object.entries(regimeByPercentile(percentile));
  yield* timeframeColumns(candles, seenOnceClosed);
  yield ['atr_percentile', percentile];
}
