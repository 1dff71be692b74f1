import { statSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { hashFile } from '../../tables/hash-file.js';
import { readParquet } from '../../tables/parquet.js';
import type { Candles } from '../candles.js';
import { CANDLE_COLUMNS } from '../candles.js';
import { checkCandles } from '../check-candles.js';
import { joinCandles } from '../join-candles.js';
import { times } from '../read-parquet.js';
import { rowAtOrAfter, type TimeRange } from '../time-range.js';
import { copyRows, recordOf } from './month-part.js';
import { monthRange, partFile, seriesFolder } from './series-layout.js';
import { manifestText, readManifest } from './series-manifest.js';
import type { MonthRecord, SeriesId, SeriesManifest } from './series.js';

export type CandleColumn = (typeof CANDLE_COLUMNS)[number];

export interface ReadSeriesOptions {
  /** Default: everything stored. */
  readonly range?: TimeRange;
  /** Default: all. A column not asked for is an empty array. */
  readonly columns?: readonly CandleColumn[];
}

/**
 * Candles of a stored series. Only the parts of the range and the columns asked for are read, and compared with the
 * manifest in size, rows and ends (`verifySeries` compares hashes); no candle in the range gives empty columns. A
 * collector may write meanwhile: what is returned is each month as it was at one moment.
 * @throws InputError `store-series-missing`, `store-part-missing`, `store-part-changed`, `store-manifest-unreadable`,
 * `parquet-unreadable`, and where all columns are read what `checkCandles` does.
 */
export async function readSeries(root: string, id: SeriesId, options: ReadSeriesOptions = {}): Promise<Candles> {
  const { range = { from: -Infinity, to: Infinity }, columns = CANDLE_COLUMNS } = options;
  const { months } = existingManifest(root, id);
  const parts: Candles[] = [];
  for (const month of Object.keys(months)) {
    const { from, to } = monthRange(month);
    if (from >= range.to || to <= range.from) continue;
    parts.push(withinRange(await readMonth(root, id, month, columns), range));
  }
  return joinCandles(parts, id.symbol);
}

/** A part that changed between the manifest's reading and its own is read again with the manifest that now holds. */
async function readMonth(root: string, id: SeriesId, month: string, columns: readonly CandleColumn[]): Promise<Candles> {
  for (;;) {
    const manifest = existingManifest(root, id);
    try {
      return await readListedPart(partFile(root, id, month), id.symbol, month, manifest, columns);
    } catch (error) {
      if (manifestText(existingManifest(root, id)) === manifestText(manifest)) throw error;
    }
  }
}

async function readListedPart(file: string, symbol: string, month: string, manifest: SeriesManifest, columns: readonly CandleColumn[]): Promise<Candles> {
  const record = manifest.months[month] as MonthRecord | undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw partMissing(file);
  // A collector may have been stopped right after it renamed the part.
  const isNew = manifest.writing?.month === month && hashFile(file) === manifest.writing.sha256;
  if (!isNew && found.size !== record?.bytes) throw changed(file, `it has ${found.size} bytes, the manifest says ${record?.bytes ?? 'nothing of it'}`);
  const table = readParquet(file);
  const values = async (name: CandleColumn): Promise<Float64Array> => (columns.includes(name) ? table.columnAsync(name) : new Float64Array(0));
  const candles: Candles = {
    symbol,
    time: times(table, 'timestamp'),
    open: await values('open'),
    high: await values('high'),
    low: await values('low'),
    close: await values('close'),
    volume: await values('volume'),
  };
  if (CANDLE_COLUMNS.every((name) => columns.includes(name))) checkCandles(candles, (row) => ({ file, row }));
  if (isNew || record === undefined) return candles;
  const { rows, first, last } = recordOf(candles, record.sha256, record.bytes);
  if (rows !== record.rows || first !== record.first || last !== record.last) {
    throw changed(file, `it holds ${rows} candles from ${first} to ${last}, the manifest says ${record.rows} from ${record.first} to ${record.last}`);
  }
  return candles;
}

function withinRange(candles: Candles, range: TimeRange): Candles {
  const { time } = candles;
  if (time[0] >= range.from && time[time.length - 1] < range.to) return candles;
  return copyRows(candles, rowAtOrAfter(time, range.from), rowAtOrAfter(time, range.to));
}

function existingManifest(root: string, id: SeriesId): SeriesManifest {
  const manifest = readManifest(root, id);
  if (manifest !== undefined) return manifest;
  const folder = seriesFolder(root, id);
  throw new InputError(`there is no series of ${id.exchange} ${id.symbol} in ${root}`, { code: 'store-series-missing', place: { file: folder }, hint: 'check the names, or collect it first (npx crpbot collect)' });
}

export function partMissing(file: string): InputError {
  return new InputError(`${file} is missing, the manifest lists it`, { code: 'store-part-missing', place: { file }, hint: 'restore it, or collect again: the month is then fetched' });
}

function changed(file: string, problem: string): InputError {
  return new InputError(`${file} is not what was stored: ${problem}`, { code: 'store-part-changed', place: { file }, hint: 'restore it from a copy, or delete it and collect again' });
}
