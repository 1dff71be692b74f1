import { createHash } from 'node:crypto';
import { InputError } from '../../errors.js';
import { parquetBytes } from '../../tables/parquet.js';
import type { Candles } from '../candles.js';
import { CANDLE_COLUMNS } from '../candles.js';
import { checkCandles } from '../check-candles.js';
import { readParquetCandles } from '../read-parquet.js';
import { monthOf, monthRange } from './series-layout.js';
import type { MonthRecord } from './series.js';

/** A part's bytes, the same for the same candles, and what the manifest says of them. */
export interface EncodedPart {
  readonly bytes: Uint8Array;
  readonly record: MonthRecord;
}

export function encodePart(candles: Candles): EncodedPart {
  const columns = CANDLE_COLUMNS.map((name) => [name, candles[name]] as const);
  const bytes = parquetBytes([['timestamp', candles.time], ...columns], { timeColumn: 'timestamp' });
  return { bytes, record: recordOf(candles, createHash('sha256').update(bytes).digest('hex'), bytes.length) };
}

export function recordOf({ time }: Candles, sha256: string, bytes: number): MonthRecord {
  return { rows: time.length, first: iso(time[0]), last: iso(time[time.length - 1]), sha256, bytes };
}

/** A part's candles. @throws InputError what `readParquetCandles` and `checkCandles` do; `store-rows-outside-month`. */
export function readPart(file: string, symbol: string, month: string): Candles {
  const { candles, placeOf } = readParquetCandles(file, symbol);
  checkCandles(candles, placeOf);
  const { from, to } = monthRange(month);
  const row = candles.time.findIndex((ms) => ms < from || ms >= to);
  if (row === -1) return candles;
  throw new InputError(`${iso(candles.time[row])} is not of ${month}`, { code: 'store-rows-outside-month', place: { file, row, column: 'time' }, hint: 'a part holds the candles of one month, UTC' });
}

/** Candles cut at the ends of months, in order. */
export function splitByMonth(candles: Candles): readonly (readonly [month: string, candles: Candles])[] {
  const parts: (readonly [string, Candles])[] = [];
  for (let start = 0; start < candles.time.length; ) {
    const month = monthOf(candles.time[start]);
    const { to } = monthRange(month);
    let end = start;
    while (end < candles.time.length && candles.time[end] < to) end++;
    parts.push([month, copyRows(candles, start, end)]);
    start = end;
  }
  return parts;
}

/** A copy of the rows from `start` up to, not including, `end`; columns that are empty stay so. */
export function copyRows(candles: Candles, start: number, end: number): Candles {
  const { symbol, time, open, high, low, close, volume } = candles;
  const cut = (values: Float64Array): Float64Array => values.slice(start, end);
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}

/**
 * `stored` with the minutes of `added` that it lacks; `stored` itself where it lacks none. Both in time order.
 * @throws InputError `store-conflict` where a minute of both has other values.
 */
export function mergeCandles(stored: Candles, added: Candles, file: string): Candles {
  const rows = stored.time.length + added.time.length;
  const merged = { symbol: stored.symbol, time: new Float64Array(rows), open: new Float64Array(rows), high: new Float64Array(rows), low: new Float64Array(rows), close: new Float64Array(rows), volume: new Float64Array(rows) };
  let length = 0;
  let s = 0;
  let a = 0;
  const take = (from: Candles, row: number): void => {
    merged.time[length] = from.time[row];
    for (const name of CANDLE_COLUMNS) merged[name][length] = from[name][row];
    length++;
  };
  while (s < stored.time.length || a < added.time.length) {
    const storedTime = stored.time[s] ?? Infinity;
    const addedTime = added.time[a] ?? Infinity;
    if (storedTime === addedTime) refuseConflict(stored, s, added, a++, file);
    if (storedTime <= addedTime) take(stored, s++);
    else take(added, a++);
  }
  return length === stored.time.length ? stored : copyRows(merged, 0, length);
}

function refuseConflict(stored: Candles, s: number, added: Candles, a: number, file: string): void {
  const column = CANDLE_COLUMNS.find((name) => stored[name][s] !== added[name][a]);
  if (column === undefined) return;
  throw new InputError(`${iso(stored.time[s])}: ${column} is ${stored[column][s]} in the store and ${added[column][a]} in what was given`, {
    code: 'store-conflict',
    place: { file, row: s, column },
    hint: `nothing of it was stored; if the new value is the right one, delete ${file} to have that month fetched again`,
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
