import { CANDLE_COLUMNS } from './candles.js';
import type { Candles } from './candles.js';

/** Parts that follow each other in time as one table, copied. A column that is empty in all of them (it was not read) stays so. @param symbol must be given where there may be no part. */
export function joinCandles(parts: readonly Candles[], symbol = parts[0].symbol): Candles {
  const joined = (column: Exclude<keyof Candles, 'symbol'>): Float64Array => {
    const values = new Float64Array(parts.reduce((sum, part) => sum + part[column].length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part[column], at);
      at += part[column].length;
    }
    return values;
  };
  const [open, high, low, close, volume] = CANDLE_COLUMNS.map(joined) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return { symbol, time: joined('time'), open, high, low, close, volume };
}

/** The last `rows` candles, or all there are: copied, so that the rest can be let go. */
export function lastCandles({ symbol, time, open, high, low, close, volume }: Candles, rows: number): Candles {
  const cut = (values: Float64Array): Float64Array => values.slice(Math.max(0, values.length - rows));
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}
