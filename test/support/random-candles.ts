import { MINUTE_MS } from '../../src/candles/candles.js';
import type { Candles } from '../../src/candles/candles.js';

export interface RandomWalkOptions {
  readonly rows: number;
  readonly seed?: number;
  /** Open time of the first candle, ISO. */
  readonly start?: string;
  /** Share of minutes without a candle. */
  readonly gaps?: number;
  /** Share of candles that stand still: no range, no volume. */
  readonly still?: number;
  readonly symbol?: string;
}

/** Seeded candles of a random walk around 40,000, on a grid of a cent as exchanges quote. */
export function randomCandles({ rows, seed = 1, start = '2024-01-01T00:00:00Z', gaps = 0, still = 0, symbol = 'BTC-TEST' }: RandomWalkOptions): Candles {
  const random = draws(seed);
  const column = (): Float64Array => new Float64Array(rows);
  const candles = { symbol, time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  const cents = (price: number): number => Math.round(price * 100) / 100;
  let time = Date.parse(start);
  let price = 40_000;
  for (let row = 0; row < rows; row++) {
    while (random() < gaps) time += MINUTE_MS;
    const stands = random() < still;
    const open = price;
    if (!stands) price = cents(price * (1 + 0.002 * (random() - 0.5)));
    candles.time[row] = time;
    candles.open[row] = open;
    candles.close[row] = price;
    candles.high[row] = stands ? price : cents(Math.max(open, price) + 20 * random());
    candles.low[row] = stands ? price : cents(Math.min(open, price) - 20 * random());
    candles.volume[row] = stands ? 0 : 10 * random() ** 3;
    time += MINUTE_MS;
  }
  return candles;
}

/** Rows `[from, to)` of candles, copied. */
export function cutCandles(candles: Candles, from: number, to = candles.time.length): Candles {
  const { symbol, time, open, high, low, close, volume } = candles;
  const cut = (values: Float64Array): Float64Array => values.slice(from, to);
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}

/** mulberry32: uniform in [0, 1). */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
