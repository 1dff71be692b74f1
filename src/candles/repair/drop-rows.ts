import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from '../quality/finding.js';
import { rowAtOrAfter } from '../time-range.js';
import type { Repair, RepairKind } from './repair.js';
import { knownTime, oldRow, withoutRows } from './rows.js';

/** More rows off the minute than this share are no slips: what their times mean is not certain. */
const strayShare = 0.01;

export interface DroppedRows {
  readonly candles: Candles;
  readonly repairs: readonly Repair[];
}

/** Drops rows that cannot be a candle's: values that are not finite or impossible, single times off the minute. */
export function dropUnusable(candles: Candles, apply: ReadonlySet<RepairKind>): DroppedRows {
  const rows = candles.time.length;
  const marked = new Uint8Array(rows);
  const repairs: Repair[] = [];
  const strays = candles.time.reduce((count, time) => (time % MINUTE_MS === 0 ? count : count + 1), 0);
  for (let row = 0; row < rows; row++) {
    const kind = unusable(candles, row);
    if (kind === undefined || !apply.has(kind) || (kind === 'off-minute' && strays > strayShare * rows)) continue;
    marked[row] = 1;
    const time = knownTime(candles.time[row]);
    repairs.push({ action: 'dropped', kind, from: time, to: time, rows: 1, found: `row ${row}`, old: [oldRow(candles, row)] });
  }
  return { candles: withoutRows(candles, marked), repairs };
}

/** The same order as the check's: a value that is missing first, then one that cannot be, then the clock. */
function unusable({ time, open, high, low, close, volume }: Candles, row: number): 'not-finite' | 'impossible-candle' | 'off-minute' | undefined {
  const [t, o, h, l, c, v] = [time[row], open[row], high[row], low[row], close[row], volume[row]];
  const good = t < Infinity && l > 0 && l <= o && l <= c && h >= o && h >= c && h < Infinity && v >= 0 && v < Infinity;
  if (!good) return [t, o, h, l, c, v].every(Number.isFinite) ? 'impossible-candle' : 'not-finite';
  return t % MINUTE_MS === 0 ? undefined : 'off-minute';
}

/**
 * Drops the candles of the findings' minutes.
 * @param candles sorted, one row a minute.
 * @param rowsOf what the record shows as having been there; by default the row that is dropped.
 */
export function dropFound(candles: Candles, findings: readonly Finding[], rowsOf = (row: number) => [oldRow(candles, row)]): DroppedRows {
  const marked = new Uint8Array(candles.time.length);
  const repairs: Repair[] = [];
  for (const { kind, from, to, values } of findings) {
    const dropped: number[] = [];
    for (let row = rowAtOrAfter(candles.time, from); row < candles.time.length && candles.time[row] <= to; row++) {
      if (marked[row] === 0) dropped.push(row);
      marked[row] = 1;
    }
    if (dropped.length === 0) continue;
    const old = dropped.flatMap(rowsOf);
    repairs.push({ action: 'dropped', kind: kind as RepairKind, from: candles.time[dropped[0]], to: candles.time[dropped[dropped.length - 1]], rows: old.length, found: values, old });
  }
  return { candles: withoutRows(candles, marked), repairs };
}
