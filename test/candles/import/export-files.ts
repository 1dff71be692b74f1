import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pl from 'nodejs-polars';
import { strToU8, zipSync } from 'fflate';
import type { Candles } from '../../../src/candles/candles.js';
import { candlesCsv } from '../some-candles.js';

/** Binance's twelve columns without a header; times in us from 2025 on, as theirs, or in ms. */
export function binanceCsv(candles: Candles, perMs: 1 | 1000 = 1000): string {
  const { time, open, high, low, close, volume } = candles;
  return candlesCsv(candles, '', (row) => [time[row] * perMs, open[row], high[row], low[row], close[row], volume[row], (time[row] + 59_999) * perMs, 1, 1, 1, 1, 0]);
}

export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content])));
}

export function featherOf(candles: Candles, compression: 'uncompressed' | 'lz4' | 'zstd'): Uint8Array {
  const { time, open, high, low, close, volume } = candles;
  const date = pl.Series('date', time).cast(pl.Int64).cast(pl.Datetime('ms', 'UTC'));
  const numbers = Object.entries({ open, high, low, close, volume }).map(([name, values]) => pl.Series(name, values));
  return pl.DataFrame([date, ...numbers]).writeIPC({ compression });
}

/** Writes a file, its folder too. @returns its path */
export function put(folder: string, name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Rows `from` up to, not including, `to`. */
export function rowsOf(candles: Candles, from: number, to: number): Candles {
  const cut = (values: Float64Array): Float64Array => values.slice(from, to);
  const { symbol, time, open, high, low, close, volume } = candles;
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}
