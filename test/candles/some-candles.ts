import type { Candles } from '../../src/candles/candles.js';

export const monday = Date.UTC(2025, 0, 6);

/** `rows` right candles from `start`, a minute apart: prices walk gently, every column differs from the others. */
export function someCandles(rows: number, start = monday): Candles {
  const time = Float64Array.from({ length: rows }, (_, row) => start + row * 60_000);
  const open = time.map((ms) => 100 + 10 * Math.sin(ms / 1e7));
  return {
    symbol: 'BTC-SIM',
    time,
    open,
    high: open.map((price) => price + 1.5),
    low: open.map((price) => price - 1.25),
    close: open.map((price) => price + 0.5),
    volume: open.map((price) => price / 8),
  };
}

/** The candles as CSV: a header (none where empty), and a line of cells for each. */
export function candlesCsv(candles: Candles, header: string, cells: (row: number) => readonly (string | number)[]): string {
  const lines = Array.from(candles.time, (_, row) => cells(row).join(','));
  return `${[...(header === '' ? [] : [header]), ...lines].join('\n')}\n`;
}

/** Plain: `timestamp,open,high,low,close,volume`, times in ms. */
export function plainCsv(candles: Candles): string {
  const { time, open, high, low, close, volume } = candles;
  return candlesCsv(candles, 'timestamp,open,high,low,close,volume', (row) => [time[row], open[row], high[row], low[row], close[row], volume[row]]);
}
