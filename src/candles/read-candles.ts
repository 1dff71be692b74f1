import { statSync } from 'node:fs';
import { InputError } from '../errors.js';
import type { Candles } from './candles.js';
import { orderedCandles } from './candle-table.js';
import type { OnNote } from './candle-table.js';
import { listCandleFiles } from './data-files.js';
import { joinCandles } from './join-candles.js';
import { readCsvCandles } from './read-csv.js';
import { readParquetCandles } from './read-parquet.js';
import { exchangeOfPart } from './store/series-layout.js';
import { canonicalSymbol, symbolOfFile } from './symbols.js';

export interface ReadCandlesOptions {
  /** Which symbol's files to take of a folder, or what the candles of a file whose name does not say are called. */
  readonly symbol?: string;
  readonly onNote?: OnNote;
}

/**
 * One symbol's 1-minute candles from Parquet or CSV (plain or gzip): a file, several, or a folder of parts, put together
 * in time order and checked. Gaps stay gaps (`findGaps`); newest-first files are turned round, and `onNote` is told.
 * @throws InputError for whatever is wrong with the files, naming file and line or row: see `checkCandles`,
 * `readCsvCandles`, `readParquetCandles`, `listCandleFiles`; `candle-parts-overlap` names both parts;
 * `several-symbols` when a folder holds more than one and none is asked for; `several-exchanges` when a store's root is
 * given and more than one exchange has the symbol.
 */
export function readCandles(paths: string | readonly string[], options: ReadCandlesOptions = {}): Candles {
  const given = typeof paths === 'string' ? [paths] : paths;
  const { symbol, files } = chooseFiles(given, options.symbol === undefined ? undefined : canonicalSymbol(options.symbol));
  refuseSeveralExchanges(symbol, files);
  const onNote = options.onNote ?? (() => undefined);
  const parts = files.map((file) => ({ file, candles: orderedCandles(readTable(file, symbol), onNote) }));
  return joinParts(parts);
}

function readTable(file: string, symbol: string): ReturnType<typeof readCsvCandles> {
  return /\.(parquet|pq)$/i.test(file) ? readParquetCandles(file, symbol) : readCsvCandles(file, symbol);
}

function chooseFiles(paths: readonly string[], wanted: string | undefined): { symbol: string; files: readonly string[] } {
  const areFiles = paths.length > 0 && paths.every((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  // Files given by name with a symbol: the names need not say it, but must not say another.
  if (areFiles && wanted !== undefined) {
    const other = paths.find((path) => (symbolOfFile(path) ?? wanted) !== wanted);
    if (other === undefined) return { symbol: wanted, files: paths };
    throw new InputError(`${other} is of ${symbolOfFile(other)}, not of ${wanted}`, { code: 'several-symbols', place: { file: other }, hint: 'give the files of one symbol' });
  }
  const { symbols } = listCandleFiles(paths);
  const chosen = wanted === undefined ? symbols[0] : symbols.find(({ symbol }) => symbol === wanted);
  const names = symbols.map(({ symbol }) => symbol).join(', ');
  if (chosen === undefined) {
    throw new InputError(`no candles of ${wanted} in ${paths.join(', ')}`, { code: 'no-data-files', hint: `there are: ${names}` });
  }
  if (wanted === undefined && symbols.length > 1) {
    throw new InputError(`${paths.join(', ')} hold candles of several symbols: ${names}`, { code: 'several-symbols', hint: 'choose one' });
  }
  return chosen;
}

/** Where their times overlap they contradict each other; where not, one exchange's prices would go on as another's. */
function refuseSeveralExchanges(symbol: string, files: readonly string[]): void {
  const exchanges = [...new Set(files.map(exchangeOfPart).filter((exchange) => exchange !== undefined))];
  if (exchanges.length < 2) return;
  throw new InputError(`candles of ${symbol} are there from several exchanges, which overlap or would be mixed: ${exchanges.join(', ')}`, {
    code: 'several-exchanges',
    hint: `give the folder of one exchange: .../${exchanges[0]}`,
  });
}

interface Part {
  readonly file: string;
  readonly candles: Candles;
}

function joinParts(parts: readonly Part[]): Candles {
  const first = (part: Part): number => part.candles.time[0];
  const last = (part: Part): number => part.candles.time.at(-1) as number;
  const ordered = [...parts].sort((a, b) => first(a) - first(b));
  for (let index = 1; index < ordered.length; index++) {
    const before = ordered[index - 1];
    const after = ordered[index];
    if (first(after) <= last(before)) throw overlap(before, after, first(after));
  }
  if (ordered.length === 1) return ordered[0].candles;
  return joinCandles(ordered.map(({ candles }) => candles));
}

function overlap(before: Part, after: Part, time: number): InputError {
  return new InputError(`${before.file} and ${after.file} overlap: both reach ${new Date(time).toISOString()}`, {
    code: 'candle-parts-overlap',
    place: { file: after.file },
    hint: 'keep one of the two, or cut them so that no minute is in both',
  });
}
