import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { ShiftedRows } from '../quality/shifts.js';

/** Gaps shorter than this are usual: with repeated rows one of them looks like a clock that was wrong for a while. */
const leastMinutes = 15;
/** Minutes that are there twice with one price are repeated rows, not two minutes of the market; a few may agree by chance. */
const mostAlike = 0.1;

/**
 * Whether rows are shifted for certain, so that moving them back cannot be wrong: the clock jumps by exactly as much at both
 * ends; where they belong no other row stands; and where they claim to be, others stand with other prices.
 */
export function isCertainShift({ time, open, close }: Candles, { from, end, minutes, exact }: ShiftedRows): boolean {
  const size = Math.abs(minutes);
  if (!exact || size < leastMinutes) return false;
  const around = new Map<number, number>();
  for (let row = Math.max(0, from - size); row < from; row++) around.set(time[row], row);
  for (let row = end; row < Math.min(time.length, end + size); row++) around.set(time[row], row);
  let twice = 0;
  let alike = 0;
  for (let row = from; row < end; row++) {
    if (around.has(time[row] - minutes * MINUTE_MS)) return false;
    const other = around.get(time[row]);
    if (other === undefined) continue;
    twice++;
    if (open[row] === open[other] && close[row] === close[other]) alike++;
  }
  return twice >= Math.min(end - from, size) / 2 && alike <= mostAlike * twice;
}
