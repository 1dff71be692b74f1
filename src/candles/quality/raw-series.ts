import { basename, dirname } from 'node:path';
import { InputError } from '../../errors.js';
import { CANDLE_COLUMNS } from '../candles.js';
import type { Candles } from '../candles.js';
import { listCandleFiles } from '../data-files.js';
import type { IgnoredFile } from '../data-files.js';
import { joinCandles } from '../join-candles.js';
import { readCsvCandles } from '../read-csv.js';
import { readParquetCandles } from '../read-parquet.js';
import { timeframeOfFile } from '../symbols.js';

/** The files of one series: one symbol of one exchange. */
export interface SeriesFiles {
  readonly symbol: string;
  /** As the path says it; undefined where it does not. */
  readonly exchange: string | undefined;
  /** Symbol and exchange, or the folder where several series of a symbol name no exchange. */
  readonly name: string;
  readonly files: readonly string[];
}

export interface UnreadableFile {
  readonly file: string;
  readonly code: string;
  readonly problem: string;
  readonly hint: string | undefined;
}

/** Rows as the files hold them, in their order, checked for nothing. */
export interface RawSeries {
  readonly candles: Candles;
  readonly unreadable: readonly UnreadableFile[];
  readonly notes: readonly string[];
}

/** Groups candle files into series. @throws InputError what `listCandleFiles` throws. */
export function listSeries(paths: readonly string[]): { readonly series: readonly SeriesFiles[]; readonly ignored: readonly IgnoredFile[] } {
  const { symbols, ignored } = listCandleFiles(paths);
  const series = symbols.flatMap(({ symbol, files }) => {
    const groups = new Map<string, { exchange: string | undefined; folder: string; files: string[] }>();
    for (const file of files) {
      const exchange = exchangeOfFile(file, symbol);
      const key = exchange ?? `in ${dirname(file)}`;
      const group = groups.get(key) ?? { exchange, folder: dirname(file), files: [] };
      groups.set(key, group);
      group.files.push(file);
    }
    return [...groups.values()].map(({ exchange, folder, files: own }) => ({
      symbol,
      exchange,
      name: exchange !== undefined ? `${symbol} ${exchange}` : groups.size === 1 ? symbol : `${symbol} ${folder}`,
      files: own,
    }));
  });
  return { series, ignored };
}

/** `coinbase` of `coinbase/BTC-USD/1m/2025-01.parquet`, `bitfinex` of `BTC-USD_bitfinex_1m.csv`. */
export function exchangeOfFile(file: string, symbol: string): string | undefined {
  const plain = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const folder = timeframeOfFolder(dirname(file)) ? dirname(dirname(file)) : dirname(file);
  const exchange = basename(dirname(folder));
  if (plain(basename(folder)) === plain(symbol) && /^[a-z][a-z0-9]*$/.test(exchange) && exchange !== 'candles') return exchange;
  const [, second = '', third = ''] = basename(file).split('_');
  return /^[A-Za-z][A-Za-z0-9]+$/.test(second) && /^\d+(m|min)(\.|$)/.test(third) && plain(basename(file).split('_')[0]) === plain(symbol) ? second.toLowerCase() : undefined;
}

const timeframeOfFolder = (folder: string): boolean => timeframeOfFile(`${folder}/x.csv`) !== undefined;

/**
 * All rows of a series. A file that cannot be read is named and the others are taken; a file that is newest first throughout is turned
 * round, as reading it does.
 * @throws InputError that of the first file where none can be read.
 */
export function readRawSeries({ symbol, files }: SeriesFiles): RawSeries {
  const parts: Candles[] = [];
  const unreadable: UnreadableFile[] = [];
  const notes: string[] = [];
  let first: InputError | undefined;
  for (const file of files) {
    try {
      const { candles } = /\.(parquet|pq)$/i.test(file) ? readParquetCandles(file, symbol) : readCsvCandles(file, symbol);
      if (isNewestFirst(candles.time)) {
        candles.time.reverse();
        for (const column of CANDLE_COLUMNS) candles[column].reverse();
        notes.push(`${file}: newest first, turned round`);
      }
      if (candles.time.length > 0) parts.push(candles);
      else notes.push(`${file}: holds no candles`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      first ??= error;
      unreadable.push({ file, code: error.code, problem: error.message, hint: error.hint });
    }
  }
  if (parts.length === 0 && first !== undefined) throw first;
  return { candles: joinRaw(symbol, parts), unreadable, notes };
}

function isNewestFirst(time: Float64Array): boolean {
  if (time.length < 2 || !(time[0] > time[time.length - 1])) return false;
  for (let row = 1; row < time.length; row++) if (time[row] > time[row - 1]) return false;
  return true;
}

/** Parts in the order of their earliest times, so that the order of files is no disorder. */
function joinRaw(symbol: string, parts: readonly Candles[]): Candles {
  if (parts.length === 1) return parts[0];
  const earliest = new Map(parts.map((part) => [part, part.time.reduce((least, time) => Math.min(least, Number.isNaN(time) ? Infinity : time), Infinity)]));
  const ordered = [...parts].sort((a, b) => (earliest.get(a) ?? 0) - (earliest.get(b) ?? 0));
  return joinCandles(ordered, symbol);
}
