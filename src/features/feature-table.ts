import type { Candles } from '../candles/candles.js';
import type { FeatureSet } from './feature-set.js';

/** Named float64 columns aligned with their candles, row by row; head rows may be NaN. */
export interface FeatureTable {
  readonly featureSet: FeatureSet;
  readonly candles: Candles;
  /** One `[rows]` column for each name of `featureSet.columns`, in that order. */
  readonly columns: readonly Float64Array[];
}
