import type { Candles } from '../../candles/candles.js';
import type { Bars } from '../multi-timeframe/bars.js';
import { rowsFrom } from '../multi-timeframe/join.js';
import type { NamedColumn } from '../named-columns.js';
import { timeframeColumns } from '../v2-50.js';

/** The original's join: a bar is seen from its first minute on, as it will look when it closes, up to 59 minutes later. */
export function seenFromItsStart(bars: Bars, time: Float64Array): Int32Array {
  return rowsFrom(time, bars.time, 0);
}

/** What the original says of rows without a change to measure (0..4): an undecided score. */
const UNDECIDED: Readonly<Record<string, number>> = { tf_alignment_score: 0.5, tf_alignment_direction: 0, tf_alignment_strength: 0 };

/** The 18 columns of the longer timeframes as the original joins them. No NaN: every row lies in a bar. */
export function* legacyTimeframeColumns(candles: Candles): Generator<NamedColumn> {
  for (const [name, values] of timeframeColumns(candles, seenFromItsStart)) {
    const undecided = UNDECIDED[name];
    if (undecided !== undefined) for (let i = 0; i < values.length && Number.isNaN(values[i]); i++) values[i] = undecided;
    yield [name, values];
  }
}
