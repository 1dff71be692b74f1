import { MINUTE_MS } from '../../candles/candles.js';
import type { NamedColumns } from '../named-columns.js';
import type { Bars } from './bars.js';

/**
 * The bar each 1-minute row sees, as an index `[rows]`, -1 for none: the newest that has CLOSED by the time the row
 * itself has, `T + width <= t + 1 minute`. However old it is: over a gap the last bar stays in sight.
 */
export function newestClosedBar(bars: Bars, time: Float64Array): Int32Array {
  const starts = bars.time;
  const sinceStart = bars.timeframe.widthMs - MINUTE_MS;
  const seen = new Int32Array(time.length);
  let bar = -1;
  for (let i = 0; i < time.length; i++) {
    while (bar + 1 < bars.count && starts[bar + 1] + sinceStart <= time[i]) bar++;
    seen[i] = bar;
  }
  return seen;
}

/** The seen bar's values on the 1-minute grid: `5m_open` .. `5m_volume`, NaN where no bar is seen. */
export function joinBars(bars: Bars, seen: Int32Array): NamedColumns {
  const { label } = bars.timeframe;
  return {
    [`${label}_open`]: joinColumn(bars.open, seen),
    [`${label}_high`]: joinColumn(bars.high, seen),
    [`${label}_low`]: joinColumn(bars.low, seen),
    [`${label}_close`]: joinColumn(bars.close, seen),
    [`${label}_volume`]: joinColumn(bars.volume, seen),
  };
}

function joinColumn(values: Float64Array, seen: Int32Array): Float64Array {
  const rows = seen.length;
  const joined = new Float64Array(rows);
  let i = 0;
  for (; i < rows && seen[i] < 0; i++) joined[i] = NaN;
  for (; i < rows; i++) joined[i] = values[seen[i]];
  return joined;
}
