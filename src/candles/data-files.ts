import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../errors.js';
import type { DataKind } from './symbols.js';
import { isFileOfKind, symbolOfFile, timeframeOfFile } from './symbols.js';

export interface SymbolFiles {
  /** Canonical, `BTC-USD`. */
  readonly symbol: string;
  /** In name order. */
  readonly files: readonly string[];
}

export interface IgnoredFile {
  readonly file: string;
  /** `no symbol in its name`. */
  readonly reason: string;
}

export interface DataFiles {
  /** In symbol order. */
  readonly symbols: readonly SymbolFiles[];
  /** Found in the folders and not taken; hidden files are not mentioned. */
  readonly ignored: readonly IgnoredFile[];
}

const deepest = 4;

/** What crpbot itself writes beside parts: no news to anybody. */
const beside: ReadonlySet<string> = new Set(['manifest.json', 'repairs.json', 'simulation.json']);

const describeKind: Readonly<Record<DataKind, string>> = {
  candles: 'candles (<SYMBOL>_1m….parquet, .csv or .csv.gz)',
  'exported candles': 'exported candles (<SYMBOL>_1m….parquet, .csv, .csv.gz, .zip or .feather)',
  features: 'features (features_<SYMBOL>….parquet, or monthly parts with their manifest)',
  model: 'models (lstm_<SYMBOL>….pt, .safetensors or .onnx, ensemble_<SYMBOL>….json)',
};

/** Candle files of these files and folders, by symbol. @throws InputError see `listDataFiles`. */
export function listCandleFiles(paths: readonly string[]): DataFiles {
  return listDataFiles(paths, 'candles');
}

/**
 * Files of one kind, grouped by the symbol their names say. A file given by name is taken whatever its prefix; a
 * folder, with the folders in it, gives those whose names match.
 * @throws InputError `path-missing`, `no-data-files` when nothing matches, `symbol-unknown` for a file given by name.
 */
export function listDataFiles(paths: readonly string[], kind: DataKind): DataFiles {
  const bySymbol = new Map<string, Map<string, string>>();
  const ignored: IgnoredFile[] = [];
  const take = (symbol: string, file: string): void => {
    const files = bySymbol.get(symbol) ?? new Map<string, string>();
    bySymbol.set(symbol, files);
    const same = files.get(realpathSync(file));
    if (same === undefined) files.set(realpathSync(file), file);
    else if (same !== file) ignored.push({ file, reason: `the same file as ${same}` });
  };
  for (const path of paths) {
    if (!isFolder(path)) {
      const symbol = symbolOfFile(path);
      if (symbol === undefined) throw unknownSymbol(path);
      take(symbol, path);
      continue;
    }
    for (const file of filesIn(path, deepest, new Set())) {
      const symbol = symbolOfFile(file);
      const reason = reasonToIgnore(file, kind, symbol);
      if (reason !== undefined) ignored.push({ file, reason });
      else take(symbol as string, file);
    }
  }
  if (bySymbol.size === 0) throw nothingFound(paths, kind, ignored);
  const symbols = [...bySymbol].map(([symbol, files]) => ({ symbol, files: [...files.values()].sort() }));
  return { symbols: symbols.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)), ignored };
}

function reasonToIgnore(file: string, kind: DataKind, symbol: string | undefined): string | undefined {
  // A month of features is named like a month of candles: what stands beside it tells them apart.
  const ofKind = monthlyPart.test(basename(file)) && kind !== 'model' ? holdsFeatures(dirname(file)) === (kind === 'features') : isFileOfKind(file, kind);
  if (!ofKind) return `not ${kind === 'model' ? 'a model' : kind}`;
  if (symbol === undefined) return 'no symbol in its name';
  const timeframe = timeframeOfFile(file);
  return timeframe !== undefined && timeframe !== '1m' ? `timeframe ${timeframe}` : undefined;
}

/** `2025-01.parquet`. */
const monthlyPart = /^\d{4}-\d{2}\.parquet$/;

/** Whether a folder of monthly parts holds features, as the manifest in it says. */
function holdsFeatures(folder: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { featureSet?: unknown } | null;
    return typeof manifest?.featureSet === 'string';
  } catch {
    return false;
  }
}

function unknownSymbol(file: string): InputError {
  return new InputError(`the name of ${file} does not say its symbol`, {
    code: 'symbol-unknown',
    place: { file },
    hint: 'name it like BTC-USD_1m.parquet, features_BTC-USD_1m.parquet or lstm_BTC_USD_1m.pt',
  });
}

function nothingFound(paths: readonly string[], kind: DataKind, ignored: readonly IgnoredFile[]): InputError {
  const seen = ignored.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  const more = ignored.length > 5 ? ` and ${ignored.length - 5} more` : '';
  return new InputError(`no ${describeKind[kind]} in ${paths.join(', ') || 'an empty list of paths'}`, {
    code: 'no-data-files',
    hint: seen.length === 0 ? 'the folder is empty' : `ignored: ${seen.join(', ')}${more}`,
  });
}

/** @throws InputError `cannot-read`. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot read the folder ${folder}: ${reason}`, { code: 'cannot-read', place: { file: folder }, hint: 'check its permissions', cause });
  }
}

/** @throws InputError `path-missing`. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new InputError(`there is no ${path}`, { code: 'path-missing', place: { file: path }, hint: 'check the name', cause });
  }
}

/** Files of a folder and of those in it, each folder once, however many links lead to it. */
function filesIn(folder: string, depth: number, seen: Set<string>): string[] {
  const files: string[] = [];
  if (seen.has(realpathSync(folder))) return files;
  seen.add(realpathSync(folder));
  for (const name of namesIn(folder)) {
    if (name.startsWith('.') || name === 'node_modules' || beside.has(name)) continue;
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) {
      if (depth > 1) files.push(...filesIn(path, depth - 1, seen));
    } else if (found?.isFile()) files.push(path);
  }
  return files;
}
