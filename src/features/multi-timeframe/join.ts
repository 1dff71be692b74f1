import { MINUTE_MS } from '../../candles/candles.js';
import type { NamedColumns } from '../named-columns.js';
import type { Bars } from './bars.js';

/**
 * The row from which each bar is seen, `[bars]`, `time.length` for none: a bar is seen once it has CLOSED by the time
 * the row itself has, `T + width <= t + 1 minute`, and stays in sight, however old, until the next one is.
 */
export function seenOnceClosed(bars: Bars, time: Float64Array): Int32Array {
  return rowsFrom(time, bars.time, bars.timeframe.widthMs - MINUTE_MS);
}

/** The first row at or after each of `starts` + `delay`. */
export function rowsFrom(time: Float64Array, starts: Float64Array, delay: number): Int32Array {
  const rows = new Int32Array(starts.length);
  let row = 0;
  for (let bar = 0; bar < starts.length; bar++) {
    const at = starts[bar] + delay;
    while (row < time.length && time[row] < at) row++;
    rows[bar] = row;
  }
  return rows;
}

/** The values of the bar each of `rows` rows sees: `5m_open` .. `5m_volume`, NaN where it sees none. */
export function joinBars(bars: Bars, seenFrom: Int32Array, rows: number): NamedColumns {
  const { label } = bars.timeframe;
  return {
    [`${label}_open`]: joinColumn(bars.open, seenFrom, rows),
    [`${label}_high`]: joinColumn(bars.high, seenFrom, rows),
    [`${label}_low`]: joinColumn(bars.low, seenFrom, rows),
    [`${label}_close`]: joinColumn(bars.close, seenFrom, rows),
    [`${label}_volume`]: joinColumn(bars.volume, seenFrom, rows),
  };
}

function joinColumn(values: Float64Array, seenFrom: Int32Array, rows: number): Float64Array {
  const joined = new Float64Array(rows).fill(NaN, 0, seenFrom[0] ?? rows);
  for (let bar = 0; bar < values.length; bar++) {
    const value = values[bar];
    const end = bar + 1 < values.length ? seenFrom[bar + 1] : rows;
    for (let i = seenFrom[bar]; i < end; i++) joined[i] = value;
  }
  return joined;
}
