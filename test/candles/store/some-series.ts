import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Candles } from '../../../src/candles/candles.js';
import { copyRows } from '../../../src/candles/store/month-part.js';
import { openSeriesForWriting } from '../../../src/candles/store/series-writer.js';
import type { SeriesId } from '../../../src/candles/store/series.js';
import type { TimeRange } from '../../../src/candles/time-range.js';
import { someCandles } from '../some-candles.js';

export const btc: SeriesId = { exchange: 'coinbase', symbol: 'BTC-SIM' };

export const minute = 60_000;

/** 600 minutes around the end of January 2025, and of February where it is longer; every seventh had no trade. */
export function candlesAcrossMonths(minutes = 600): Candles {
  const all = someCandles(minutes, Date.UTC(2025, 1, 1) - 300 * minute);
  const keep = [...all.time.keys()].filter((row) => row % 7 !== 3);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(keep, (row) => values[row]);
  return { symbol: all.symbol, time: pick(all.time), open: pick(all.open), high: pick(all.high), low: pick(all.low), close: pick(all.close), volume: pick(all.volume) };
}

/** The candles with open times in a range. */
export function candlesWithin(candles: Candles, { from, to }: TimeRange): Candles {
  const rows = [...candles.time.keys()].filter((row) => candles.time[row] >= from && candles.time[row] < to);
  return rows.length === 0 ? copyRows(candles, 0, 0) : copyRows(candles, rows[0], rows[rows.length - 1] + 1);
}

export function rangeOf({ time }: Candles): TimeRange {
  return { from: time[0], to: time[time.length - 1] + minute };
}

/** A store with one series, written at one go. */
export async function storeOf(root: string, candles: Candles, id: SeriesId = btc): Promise<string> {
  const writer = openSeriesForWriting(root, id);
  try {
    await writer.append({ ...candles, symbol: id.symbol }, rangeOf(candles));
  } finally {
    writer.close();
  }
  return root;
}

/** Every file of a folder, hidden ones included, with the hash of its bytes. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')]));
}

export async function refusal(attempt: () => unknown): Promise<unknown> {
  try {
    await attempt();
  } catch (error) {
    return error;
  }
  throw new Error('it was not refused');
}
