import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import { shiftedRows } from '../quality/shifts.js';
import { isCertainShift } from './certain-shift.js';
import type { Repair, RepairKind } from './repair.js';

/** A clock that is late by up to half a minute, or gives closing times (Binance's are 1 ms short of the next minute). */
const latestClockMs = MINUTE_MS / 2;
const closingTimeMs = MINUTE_MS - 1;

/** Candles whose times were corrected, and what was done; the candles themselves where nothing was. */
export interface MendedTimes {
  readonly candles: Candles;
  readonly repairs: readonly Repair[];
}

/**
 * Corrects wrong clocks: all rows by `shiftMs`; all rows when they stand equally far past the minute; stretches whose
 * clock jumps by the same at both ends. Rows stay where they are. What is left is not certain.
 */
export function mendTimes(raw: Candles, apply: ReadonlySet<RepairKind>, shiftMs: number): MendedTimes {
  if (raw.time.length === 0) return { candles: raw, repairs: [] };
  const time = raw.time.slice();
  const repairs: Repair[] = [];
  const move = (kind: Repair['kind'], from: number, end: number, movedMs: number, found: string): void => {
    repairs.push({ action: 'moved', kind, from: leastTime(time, from, end), to: greatestTime(time, from, end), rows: end - from, found, movedMs });
    for (let row = from; row < end; row++) time[row] += movedMs;
  };
  if (shiftMs !== 0) move('shift', 0, time.length, shiftMs, 'a shift of the whole series was asked for');
  const past = apply.has('off-minute') ? commonRemainder(time) : 0;
  if (past > 0 && (past <= latestClockMs || past >= closingTimeMs)) {
    move('off-minute', 0, time.length, -past, past >= closingTimeMs ? 'closing times' : `all times ${past / 1000} s past the minute`);
  }
  if (apply.has('shifted')) {
    for (const stretch of shiftedRows({ time })) {
      const { from, end, minutes } = stretch;
      if (isCertainShift({ ...raw, time }, stretch)) move('shifted', from, end, -minutes * MINUTE_MS, `times ${Math.abs(minutes)} minutes too ${minutes > 0 ? 'late' : 'early'}`);
    }
  }
  return { candles: repairs.length > 0 ? { ...raw, time } : raw, repairs };
}

/** How far past the minute every row stands, ms; 0 where they differ, stand on it, or have no time. */
function commonRemainder(time: Float64Array): number {
  const remainder = time[0] % MINUTE_MS;
  return remainder > 0 && time.every((ms) => ms % MINUTE_MS === remainder) ? remainder : 0;
}

function leastTime(time: Float64Array, from: number, end: number): number | null {
  let least = Infinity;
  for (let row = from; row < end; row++) if (time[row] < least) least = time[row];
  return least < Infinity ? least : null;
}

function greatestTime(time: Float64Array, from: number, end: number): number | null {
  let greatest = -Infinity;
  for (let row = from; row < end; row++) if (time[row] > greatest) greatest = time[row];
  return greatest > -Infinity ? greatest : null;
}
