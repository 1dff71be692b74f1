import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import type { Candles } from '../../src/candles/candles.js';
import { checkCandles } from '../../src/candles/check-candles.js';
import { monday, someCandles } from './some-candles.js';

type Column = Exclude<keyof Candles, 'symbol'>;

const prices = (price: number): Float64Array => new Float64Array(10).fill(price);

describe('checkCandles', () => {
  it.each<[string, Column, number, string]>([
    ['NaN', 'close', NaN, 'candle-not-finite'],
    ['infinity', 'volume', Infinity, 'candle-not-finite'],
    ['no time', 'time', NaN, 'candle-not-finite'],
    ['a second candle of a minute', 'time', monday + 4 * 60_000, 'candle-time-duplicate'],
    ['a time before the one above', 'time', monday, 'candle-time-unsorted'],
    ['a time half a minute late', 'time', monday + 5.5 * 60_000, 'candle-time-off-minute'],
    ['a price of zero', 'low', 0, 'candle-price-not-positive'],
    ['a negative price', 'open', -1, 'candle-price-not-positive'],
    ['a high below the close', 'high', 100, 'candle-high-too-low'],
    ['a low above the open', 'low', 100.7, 'candle-low-too-high'],
    ['a negative volume', 'volume', -0.1, 'candle-volume-negative'],
  ])('refuses %s, and says where', (_, column, value, code) => {
    const candles = { ...someCandles(10), open: prices(100), high: prices(101), low: prices(99), close: prices(100.5) };
    candles[column][5] = value;
    const placeOf = (row: number) => ({ file: 'x.csv', line: row + 2 });
    expect(() => checkCandles(candles, placeOf)).toThrow(expect.objectContaining({ code, place: { file: 'x.csv', line: 7, column } }));
    expect(() => checkCandles(candles)).toThrow(column === 'time' && Number.isFinite(value) ? new Date(value).toISOString() : String(value));
  });

  it('names the first offence', () => {
    const candles = someCandles(10);
    candles.volume[3] = -1;
    candles.close[7] = NaN;
    expect(() => checkCandles(candles)).toThrow(expect.objectContaining({ place: { row: 3, column: 'volume' } }));
  });

  it('lets pass what is allowed: gaps, flat prices, no volume, one row', () => {
    const flat = someCandles(5);
    for (const column of CANDLE_COLUMNS) flat[column].fill(column === 'volume' ? 0 : 42);
    flat.time[4] += 3600_000;
    expect(() => checkCandles(flat)).not.toThrow();
    expect(() => checkCandles(someCandles(1))).not.toThrow();
  });

  it('refuses none', () => {
    expect(() => checkCandles(someCandles(0))).toThrow(expect.objectContaining({ code: 'candles-empty' }));
  });

  it('refuses exactly the candles that break a rule', () => {
    const price = fc.double({ min: -1, max: 10 });
    fc.assert(
      fc.property(fc.tuple(price, price, price, price), price, ([open, high, low, close], volume) => {
        const one = { ...someCandles(1), open: Float64Array.of(open), high: Float64Array.of(high), low: Float64Array.of(low), close: Float64Array.of(close), volume: Float64Array.of(volume) };
        const right =
          [open, high, low, close, volume].every(Number.isFinite) && Math.min(open, high, low, close) > 0 && high >= Math.max(open, close) && low <= Math.min(open, close) && volume >= 0;
        if (right) checkCandles(one);
        else expect(() => checkCandles(one)).toThrow(expect.objectContaining({ name: 'InputError' }));
      }),
      { numRuns: 500 },
    );
  });
});
