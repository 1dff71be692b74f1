import { defineFeatureSet } from '../own-feature-set.js';
import type { FeatureRecipe } from '../feature-recipe.js';
import * as column from './columns.js';
import { v3Inputs } from './inputs.js';
import type { V3Inputs } from './inputs.js';

/**
 * The columns in model input order. All are scale-free (prices times 7 and volumes times 3 give the same values) and
 * look at no more than 721 rows. Families and windows were chosen on the train and validation parts of two real years.
 */
export const V3_FEATURES = [
  ...[1, 2, 3, 5, 10, 15, 30, 60, 120, 240].map(column.returns),
  ...[5, 20, 45, 120, 720].map(column.normalisedReturn),
  ...[10, 30, 60, 120, 240].map(column.closeToMean),
  ...[120].map(column.closeToMid),
  ...[60, 120, 480].map(column.closeToVwap),
  ...[3, 5, 10, 60, 240, 720].map(column.positionInRange),
  ...[60, 120, 720].map(column.sinceHigh),
  ...[60, 120, 720].map(column.sinceLow),
  ...[60, 240].map(column.logVolatility),
  ...[30, 120, 720].map(column.logRange),
  column.volatilityShare(15, 240),
  column.volatilityShare(60, 720),
  column.volumeShare(5, 60),
  column.volumeShare(60, 720),
  ...[30, 120, 720].map(column.bodyFlow),
  ...[60, 240, 720].map(column.locationFlow),
  ...[120, 720].map(column.meanLocation),
  ...[30, 60, 480].map(column.returnFlow),
  ...[60, 240, 720].map(column.still),
  ...[720].map(column.upLessDown),
  ...[60, 240, 720].map(column.autocorrelation),
  ...[120, 240, 720].map(column.signedVariance),
  ...[120, 240, 720].map(column.closeShareOfRange),
  ...[60, 480].map(column.logMinutesPerRow),
  ...column.cyclicTime('hour'),
  ...column.cyclicTime('day'),
  ...column.cyclicTime('week'),
];

/** `v3-<columns>`: our own scale-free feature set, causal. */
export const V3: FeatureRecipe = defineFeatureSet<V3Inputs>({ name: `v3-${V3_FEATURES.length}`, inputs: v3Inputs, features: V3_FEATURES });
