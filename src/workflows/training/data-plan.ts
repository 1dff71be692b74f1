import { join } from 'node:path';
import { listDataFiles } from '../../candles/data-files.js';
import { canonicalSymbol, type DataKind } from '../../candles/symbols.js';
import { InputError } from '../../errors.js';
import { projectRoot } from '../../project-root.js';
import { findOwnData } from '../own-data.js';

export interface DataOptions {
  /** Files and folders. With neither: data/features and data/candles, and the sample where both are empty. */
  readonly candles?: readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  /** Only these; default all that the data hold. */
  readonly symbols?: readonly string[] | undefined;
}

/** The files that stand for one symbol. */
export interface SymbolFiles {
  readonly symbol: string;
  readonly candles: readonly string[];
  readonly features: readonly string[];
}

export interface DataPlan {
  /** For the run's first line. */
  readonly source: string;
  readonly symbols: readonly SymbolFiles[];
  readonly ignored: readonly string[];
}

/**
 * Finds what there is to train on, by the symbols in file names.
 * @throws InputError `unknown-symbol` where a symbol was asked for that the data lack; what `listDataFiles` throws
 */
export function planData(options: DataOptions): DataPlan {
  const { candles, features, source } = chooseData(options);
  const ignored: string[] = [];
  const list = (paths: readonly string[], kind: DataKind): Map<string, readonly string[]> => {
    if (paths.length === 0) return new Map();
    const found = listDataFiles(paths, kind);
    ignored.push(...found.ignored.map(({ file, reason }) => `${file}: ${reason}`));
    return new Map(found.symbols.map(({ symbol, files }) => [symbol, files]));
  };
  const candleFiles = list(candles, 'candles');
  const featureFiles = list(features, 'features');
  const found = [...new Set([...featureFiles.keys(), ...candleFiles.keys()])].sort();
  const wanted = options.symbols?.map(canonicalSymbol) ?? found;
  for (const symbol of wanted) {
    if (!found.includes(symbol)) throw new InputError(`there is no data of ${symbol} in ${source}; there is data of ${found.join(', ')}`, { code: 'unknown-symbol', hint: 'name one of these, or collect it' });
  }
  const symbols = [...new Set(wanted)].map((symbol) => ({ symbol, candles: candleFiles.get(symbol) ?? [], features: featureFiles.get(symbol) ?? [] }));
  return { source, symbols, ignored };
}

function chooseData({ candles = [], features = [] }: DataOptions): { readonly candles: readonly string[]; readonly features: readonly string[]; readonly source: string } {
  if (candles.length + features.length > 0) return { candles, features, source: [...features, ...candles].join(', ') };
  const { names, ...own } = findOwnData();
  if (names === '') return { candles: [join(projectRoot(), 'data/sample')], features: [], source: 'the committed sample (data/sample)' };
  return { ...own, source: names };
}
