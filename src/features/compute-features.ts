import type { Candles } from '../candles/candles.js';
import { featureRecipe } from './feature-recipes.js';
import type { FeatureSet } from './feature-set.js';
import type { FeatureTable } from './feature-table.js';
import type { NamedColumn } from './named-columns.js';

/**
 * The columns of a feature set in its order, `[rows]` float64 each, computed as they are asked for: take what is needed
 * of one before asking for the next, and 50 columns never stand in memory together.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`.
 */
export function featureColumns(candles: Candles, set: FeatureSet): Iterable<NamedColumn> {
  return featureRecipe(set.name, set.alignment).compute(candles);
}

/**
 * Computes a feature set over candles: `columns[f][row]`, float64, pure. Head rows that have no value yet are NaN
 * (`warmupRows` at most). Candles must be checked already: increasing times, no NaN, high and low outermost, prices above 0.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`.
 */
export function computeFeatures(candles: Candles, set: FeatureSet): FeatureTable {
  return { featureSet: set, candles, columns: Array.from(featureColumns(candles, set), ([, values]) => values) };
}
