import { defineFeatureSet } from '../own-feature-set.js';
import type { FeatureRecipe } from '../feature-recipe.js';
import * as column from './columns.js';
import { v3Inputs } from './inputs.js';
import type { V3Inputs } from './inputs.js';

/**
 * The columns in model input order. All are scale-free (prices times 7 and volumes times 3 give the same values) and
 * look at no more than 241 rows: on BTC, windows of 480 to 1,440 rows helped in the fold they were chosen on and hurt in
 * the two before it (docs/features.md). Bounded, logarithmic or squashed by asinh, so that a mean and a deviation of one
 * year fit the next.
 */
export const V3_FEATURES = [
  ...[2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 240].map(column.returns),
  ...[90, 120].map(column.normalisedReturn(30)),
  ...[10, 15, 20, 240].map(column.normalisedReturn(60)),
  ...[20, 30, 45, 120].map(column.normalisedReturn(240)),
  ...[5, 10, 15, 30, 60, 120, 240].map(column.closeToMean),
  ...[120].map(column.normalisedCloseToMean(60)),
  ...[30, 120].map(column.normalisedCloseToMid(60)),
  ...[120].map(column.closeToVwap),
  ...[60, 120, 240].map(column.normalisedCloseToVwap(60)),
  ...[3, 5, 10, 15, 30, 240].map(column.positionInRange),
  ...[15, 30, 60, 120].map(column.sinceHigh),
  ...[15, 30, 60, 120, 240].map(column.sinceLow),
  ...[30, 60, 120].map(column.logVolatility),
  ...[10, 15, 30, 60, 120].map(column.logRange),
  column.volatilityShare(5, 60),
  column.volatilityShare(15, 240),
  ...[30, 60, 120].map(column.bodyFlow),
  ...[60, 120, 240].map(column.returnSignFlow),
  ...[15, 60, 240].map(column.locationFlow),
  ...[1, 3, 30, 240].map(column.meanLocation),
  ...[30, 60, 240].map(column.returnFlow),
  ...[60, 240].map(column.still),
  ...[120].map(column.upLessDown),
  ...[15, 30, 60, 120, 240].map(column.autocorrelation),
  ...[15, 30, 60, 120, 240].map(column.signedVariance),
  ...[60, 120, 240].map(column.closeShareOfRange),
  ...column.cyclicTime('hour'),
  ...column.cyclicTime('day'),
  ...column.cyclicTime('week'),
];

/** `v3-<columns>`: our own scale-free feature set, causal. */
export const V3: FeatureRecipe = defineFeatureSet<V3Inputs>({ name: `v3-${V3_FEATURES.length}`, inputs: v3Inputs, features: V3_FEATURES });
