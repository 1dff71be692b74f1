import { InputError } from '../errors.js';
import type { Place } from '../errors.js';
import type { Candles } from './candles.js';
import { MINUTE_MS } from './candles.js';

/** Where row `row` of the candles came from: a file, and a line or row in it. */
export type PlaceOfRow = (row: number) => Place;

/**
 * Checks what everything behind relies on: times strictly increasing and on the minute, every number finite,
 * high >= max(open, close), low <= min(open, close), prices above zero, volume not below. Stops at the first offence.
 * @throws InputError `candles-empty`, `candle-time-unsorted`, `candle-time-duplicate`, `candle-time-off-minute`,
 * `candle-not-finite`, `candle-price-not-positive`, `candle-high-too-low`, `candle-low-too-high`, `candle-volume-negative`.
 */
export function checkCandles(candles: Candles, placeOf: PlaceOfRow = (row) => ({ row })): void {
  const { time, open, high, low, close, volume } = candles;
  if (time.length === 0) {
    const { file } = placeOf(0);
    throw new InputError(`${file ?? candles.symbol} holds no candles`, { code: 'candles-empty', ...(file && { place: { file } }), hint: 'give a file with at least one row' });
  }
  let last = -Infinity;
  for (let row = 0; row < time.length; row++) {
    const t = time[row];
    const o = open[row];
    const h = high[row];
    const l = low[row];
    const c = close[row];
    const v = volume[row];
    // One test a row for the good case: every comparison with NaN is false. Which it was is found out below.
    const good = t > last && t < Infinity && t % MINUTE_MS === 0 && l > 0 && l <= o && l <= c && h >= o && h >= c && h < Infinity && v >= 0 && v < Infinity;
    if (!good) throw offence(candles, row, last, placeOf(row));
    last = t;
  }
}

function offence(candles: Candles, row: number, last: number, place: Place): InputError {
  const at = (column: Exclude<keyof Candles, 'symbol'>): number => candles[column][row];
  const refuse = (code: string, column: string, problem: string, hint: string): InputError =>
    new InputError(problem, { code, place: { ...place, column }, hint });

  for (const column of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
    if (!Number.isFinite(at(column))) {
      return refuse('candle-not-finite', column, `${column} is ${at(column)}`, 'leave out minutes without data: a gap is allowed, an empty or infinite value is not');
    }
  }
  const t = at('time');
  if (t === last) return refuse('candle-time-duplicate', 'time', `${iso(t)} is there twice`, 'keep one candle of each minute');
  if (t < last) return refuse('candle-time-unsorted', 'time', `${iso(t)} stands after ${iso(last)}`, 'sort the rows by time');
  if (t % MINUTE_MS !== 0) return refuse('candle-time-off-minute', 'time', `${iso(t)} is not on the minute`, 'times are the open times of 1-minute candles');
  for (const column of ['open', 'high', 'low', 'close'] as const) {
    if (at(column) <= 0) return refuse('candle-price-not-positive', column, `${column} is ${at(column)}`, 'prices are above zero');
  }
  const columnOrder = 'check the order and names of the columns';
  if (at('high') < Math.max(at('open'), at('close'))) {
    return refuse('candle-high-too-low', 'high', `high ${at('high')} is below open ${at('open')} or close ${at('close')}`, columnOrder);
  }
  if (at('low') > Math.min(at('open'), at('close'))) {
    return refuse('candle-low-too-high', 'low', `low ${at('low')} is above open ${at('open')} or close ${at('close')}`, columnOrder);
  }
  return refuse('candle-volume-negative', 'volume', `volume is ${at('volume')}`, 'volume is zero or more, in base currency');
}

function iso(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
