import type { Bars } from '../multi-timeframe/bars.js';
import type { NamedColumn } from '../named-columns.js';
import { timeframeColumns } from '../v2-50.js';
import type { Candles } from '../../candles/candles.js';

/** The original's join: the bar that CONTAINS the row, as it will look when it closes, up to 59 minutes later. */
export function barInProgress(bars: Bars, time: Float64Array): Int32Array {
  const seen = new Int32Array(time.length);
  let bar = -1;
  for (let i = 0; i < time.length; i++) {
    while (bar + 1 < bars.count && bars.time[bar + 1] <= time[i]) bar++;
    seen[i] = bar;
  }
  return seen;
}

/** What the original says of rows without a change to measure (0..4): an undecided score. */
const UNDECIDED: Readonly<Record<string, number>> = { tf_alignment_score: 0.5, tf_alignment_direction: 0, tf_alignment_strength: 0 };

/** The 18 columns of the longer timeframes as the original joins them. No NaN: every row lies in a bar. */
export function* legacyTimeframeColumns(candles: Candles): Generator<NamedColumn> {
  for (const [name, values] of timeframeColumns(candles, barInProgress)) {
    const undecided = UNDECIDED[name];
    if (undecided !== undefined) for (let i = 0; i < values.length && Number.isNaN(values[i]); i++) values[i] = undecided;
    yield [name, values];
  }
}
