import type { Candles } from '../candles/candles.js';
import type { Alignment, FeatureSet } from './feature-set.js';
import { featureSet } from './feature-sets.js';
import type { FeatureTable } from './feature-table.js';
import { legacyV1Columns, legacyV2Columns } from './legacy/legacy.js';
import { legacyAColumns } from './legacy/legacy-a.js';
import type { NamedColumn } from './named-columns.js';
import { v1Columns } from './v1-31.js';
import { v2Columns } from './v2-50.js';

type Recipe = (candles: Candles) => Iterable<NamedColumn>;

const RECIPES: Readonly<Record<string, Partial<Record<Alignment, Recipe>>>> = {
  'v1-31': { causal: v1Columns, legacy: legacyV1Columns },
  'v2-50': { causal: v2Columns, legacy: legacyV2Columns, 'legacy-a': legacyAColumns },
};

/**
 * The columns of a feature set in its order, `[rows]` float64 each, computed as they are asked for: take what is needed
 * of one before asking for the next, and 50 columns never stand in memory together.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`.
 */
export function featureColumns(candles: Candles, set: FeatureSet): Iterable<NamedColumn> {
  const { name, alignment } = featureSet(set.name, set.alignment);
  return RECIPES[name][alignment]!(candles);
}

/**
 * Computes a feature set over candles: `columns[f][row]`, float64, pure. Head rows that have no value yet are NaN
 * (`warmupRows` at most). Candles must be checked already: increasing times, no NaN, high and low outermost, prices above 0.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`.
 */
export function computeFeatures(candles: Candles, set: FeatureSet): FeatureTable {
  return { featureSet: set, candles, columns: Array.from(featureColumns(candles, set), ([, values]) => values) };
}
