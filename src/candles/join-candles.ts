import { CANDLE_COLUMNS } from './candles.js';
import type { Candles } from './candles.js';

/** Parts that follow each other in time as one table, copied. There must be one at least. */
export function joinCandles(parts: readonly Candles[]): Candles {
  const rows = parts.reduce((sum, { time }) => sum + time.length, 0);
  const joined = (column: Exclude<keyof Candles, 'symbol'>): Float64Array => {
    const values = new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      values.set(part[column], at);
      at += part[column].length;
    }
    return values;
  };
  const [open, high, low, close, volume] = CANDLE_COLUMNS.map(joined) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return { symbol: parts[0].symbol, time: joined('time'), open, high, low, close, volume };
}

/** The last `rows` candles, or all there are: copied, so that the rest can be let go. */
export function lastCandles({ symbol, time, open, high, low, close, volume }: Candles, rows: number): Candles {
  const cut = (values: Float64Array): Float64Array => values.slice(Math.max(0, values.length - rows));
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}
