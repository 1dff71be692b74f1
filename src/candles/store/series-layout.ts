import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { canonicalSymbol } from '../symbols.js';
import type { TimeRange } from '../time-range.js';
import type { SeriesId } from './series.js';

const timeframeFolder = '1m';
const manifestName = 'manifest.json';
const partName = /^(\d{4}-(?:0[1-9]|1[0-2]))\.parquet$/;
const exchangeName = /^[a-z0-9][a-z0-9_-]*$/;

/** `<root>/coinbase/BTC-USD/1m`. @throws InputError `series-name-invalid`: a name that is not canonical, or would lead out of the root. */
export function seriesFolder(root: string, { exchange, symbol }: SeriesId): string {
  if (!exchangeName.test(exchange)) throw invalidName('exchange', exchange, 'write it in lower case, as ccxt does: coinbase');
  const canonical = canonicalSymbol(symbol);
  if (symbol !== canonical) throw invalidName('symbol', symbol, `write it as ${canonical}`);
  return join(root, exchange, symbol, timeframeFolder);
}

/** `month` as `2025-01`. */
export function partFile(root: string, id: SeriesId, month: string): string {
  return join(seriesFolder(root, id), `${month}.parquet`);
}

export function manifestFile(root: string, id: SeriesId): string {
  return join(seriesFolder(root, id), manifestName);
}

/** The month, UTC, of an open time: `2025-01`. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** All minutes of a month, UTC; ms. */
export function monthRange(month: string): TimeRange {
  const [year, number] = month.split('-').map(Number);
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

export function isMonth(text: string): boolean {
  return partName.test(`${text}.parquet`);
}

/** Months that have a part in a series' folder, whatever the manifest says, in order. */
export function monthsInFolder(folder: string): readonly string[] {
  return namesIn(folder).flatMap((name) => partName.exec(name)?.[1] ?? []).sort();
}

/** Every series with a manifest or a part below the root, by exchange, then symbol; none where there is no such folder. */
export function listSeries(root: string): readonly SeriesId[] {
  const found: SeriesId[] = [];
  for (const exchange of namesIn(root).filter((name) => exchangeName.test(name))) {
    for (const symbol of namesIn(join(root, exchange))) {
      if (isCanonical(symbol) && isSeriesFolder(join(root, exchange, symbol, timeframeFolder))) found.push({ exchange, symbol });
    }
  }
  return found;
}

/** Where a folder lies in a store: the root above it, and what of the store it holds. */
export interface StoreView {
  readonly root: string;
  readonly series: readonly SeriesId[];
}

/** The series of a folder that is a store's root, one of its exchanges, symbols or series. */
export function seriesBelow(folder: string): StoreView {
  const path = resolve(folder);
  const ancestors = [path, dirname(path), dirname(dirname(path)), dirname(dirname(dirname(path)))];
  for (const [depth, root] of ancestors.entries()) {
    const series = listSeries(root).filter((id) => {
      const symbolFolder = join(root, id.exchange, id.symbol);
      return [root, join(root, id.exchange), symbolFolder, join(symbolFolder, timeframeFolder)][depth] === path;
    });
    if (series.length > 0) return { root, series };
  }
  return { root: path, series: [] };
}

/** The exchange of a file that is a part of a store's series; undefined for any other file. */
export function exchangeOfPart(file: string): string | undefined {
  const folder = dirname(resolve(file));
  const isPart = partName.test(basename(file)) && basename(folder) === timeframeFolder && existsSync(join(folder, manifestName));
  return isPart ? basename(dirname(dirname(folder))) : undefined;
}

/** Whether the store could have a series of these names. */
export function isSeriesName({ exchange, symbol }: SeriesId): boolean {
  return exchangeName.test(exchange) && isCanonical(symbol);
}

function isSeriesFolder(folder: string): boolean {
  return namesIn(folder).some((name) => name === manifestName || partName.test(name));
}

function isCanonical(symbol: string): boolean {
  try {
    return canonicalSymbol(symbol) === symbol;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new InputError(`cannot read the folder ${folder}: ${message}`, { code: 'cannot-read', place: { file: folder }, hint: 'check its permissions', cause });
  }
}

function invalidName(what: string, value: string, hint: string): InputError {
  return new InputError(`${JSON.stringify(value)} is not the name of ${what === 'exchange' ? 'an exchange' : 'a symbol'} in the store`, { code: 'series-name-invalid', hint });
}
