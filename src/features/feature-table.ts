import type { Candles } from '../candles/candles.js';
import type { FeatureSet } from './feature-set.js';

/** Named float64 columns aligned with their candles, row by row; head rows may be NaN. */
export interface FeatureTable {
  readonly featureSet: FeatureSet;
  readonly candles: Candles;
  /** One `[rows]` column for each name of `featureSet.columns`, in that order. */
  readonly columns: readonly Float64Array[];
}

/** The last rows of some columns by name, oldest first, each with its candle's OPEN time: to look at. */
export function lastRows({ featureSet, candles, columns }: FeatureTable, { rows, columns: names }: { readonly rows: number; readonly columns: readonly string[] }): Readonly<Record<string, string | number>>[] {
  const shown = names.map((name) => [name, columns[featureSet.columns.indexOf(name)]] as const);
  const from = Math.max(0, candles.time.length - rows);
  return Array.from({ length: candles.time.length - from }, (_, index) => ({
    time: new Date(candles.time[from + index]).toISOString().slice(0, 16),
    ...Object.fromEntries(shown.map(([name, values]) => [name, values?.[from + index] ?? NaN])),
  }));
}
