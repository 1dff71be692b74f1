import { CANDLE_COLUMNS, MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import { findGaps } from '../gaps.js';
import type { Repair } from './repair.js';

/**
 * Fills gaps of up to `most` minutes with flat candles without volume at the close before: what many exports do with a
 * minute without a trade. A gap that a repair made (one of its minutes is among `dropped`) stays: its price is not known.
 */
export function fillGaps(candles: Candles, most: number, dropped: ReadonlySet<number>): { readonly candles: Candles; readonly repairs: readonly Repair[] } {
  const made = ({ from, to }: { readonly from: number; readonly to: number }): boolean => {
    for (let time = from; time <= to; time += MINUTE_MS) if (dropped.has(time)) return true;
    return false;
  };
  const gaps = findGaps(candles).list.filter((gap) => gap.minutes <= most && !made(gap));
  if (gaps.length === 0) return { candles, repairs: [] };
  const rows = candles.time.length + gaps.reduce((sum, { minutes }) => sum + minutes, 0);
  const column = (): Float64Array => new Float64Array(rows);
  const filled = { symbol: candles.symbol, time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  const repairs: Repair[] = [];
  let next = 0;
  let length = 0;
  for (let row = 0; row < candles.time.length; row++) {
    const gap = gaps.at(next);
    if (gap !== undefined && gap.to < candles.time[row]) {
      const price = candles.close[row - 1];
      for (let time = gap.from; time <= gap.to; time += MINUTE_MS, length++) {
        filled.time[length] = time;
        filled.open[length] = filled.high[length] = filled.low[length] = filled.close[length] = price;
      }
      repairs.push({ action: 'filled', kind: 'gap', from: gap.from, to: gap.to, rows: gap.minutes, found: `${gap.minutes} ${gap.minutes === 1 ? 'minute' : 'minutes'} without a candle`, price });
      next++;
    }
    filled.time[length] = candles.time[row];
    for (const name of CANDLE_COLUMNS) filled[name][length] = candles[name][row];
    length++;
  }
  return { candles: filled, repairs };
}
