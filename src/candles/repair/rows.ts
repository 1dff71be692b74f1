import { CANDLE_COLUMNS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { OldRow } from './repair.js';

/** The rows that are not marked, copied; the candles themselves where none is. @param marked 1 for a row to leave out. */
export function withoutRows(candles: Candles, marked: Uint8Array): Candles {
  if (!marked.includes(1)) return candles;
  const kept = (values: Float64Array): Float64Array => values.filter((_, row) => marked[row] === 0);
  const { symbol, time, open, high, low, close, volume } = candles;
  return { symbol, time: kept(time), open: kept(open), high: kept(high), low: kept(low), close: kept(close), volume: kept(volume) };
}

/** A row as the record keeps it. */
export function oldRow(candles: Candles, row: number): OldRow {
  return [candles.time[row], ...CANDLE_COLUMNS.map((column) => candles[column][row])].map((value) => (Number.isFinite(value) ? value : String(value)));
}

/** A time for the record: null where there is none. */
export function knownTime(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
