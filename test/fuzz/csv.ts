import { gzipSync } from 'node:zlib';
import { orderedCandles } from '../../src/candles/candle-table.js';
import { parseCsvCandles } from '../../src/candles/read-csv.js';
import type { FuzzTarget } from './target.js';

const monday = Date.UTC(2025, 0, 6);

function table(header: string, line: (ms: number, price: number) => readonly (string | number)[], delimiter = ',', ending = '\n'): string {
  const lines = Array.from({ length: 20 }, (_, row) => line(monday + row * 60_000, 100 + row).join(delimiter));
  return [...(header === '' ? [] : [header]), ...lines, ''].join(ending);
}

const prices = (price: number): number[] => [price, price + 1.5, price - 1, price + 0.5, 2.25];

const texts = [
  table('timestamp,open,high,low,close,volume', (ms, price) => [ms, ...prices(price)]),
  table('date;open;high;low;close;volume', (ms, price) => [new Date(ms).toISOString(), ...prices(price)], ';', '\r\n'),
  table('"time","open","high","low","close","volume"', (ms, price) => [`"${ms / 1000}"`, ...prices(price).map((value) => `"${value}"`)]),
  table('', (ms, price) => [ms * 1000, ...prices(price), ms * 1000 + 59_999_999, 1, 2, 3, 4, 0]),
];

/** Candles from CSV, up to and with the checks. */
export const csvTarget: FuzzTarget = {
  name: 'csv',
  seeds: () => [...texts.map((text) => Buffer.from(text)), Buffer.from(`\ufeff${texts[0]}`), gzipSync(texts[0])],
  attempt: (bytes) => {
    orderedCandles(parseCsvCandles(bytes, 'BTC-SIM_1m.csv', 'BTC-SIM'), () => undefined);
  },
};
