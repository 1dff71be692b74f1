import { defineFeatureSet } from '../own-feature-set.js';
import type { FeatureRecipe } from '../feature-recipe.js';
import * as column from './columns.js';
import { v3Inputs } from './inputs.js';
import type { V3Inputs } from './inputs.js';

/**
 * The columns in model input order. All are scale-free (prices times 7 and volumes times 3 give the same values); all but one
 * look at no more than 240 rows. Most of them say where the price goes in a way that single trades do not upset (lines of
 * least squares, medians, counts), and how far the last close stands from that. Bounded, logarithmic or squashed by
 * asinh, so that a mean and a deviation of one year fit the next. How they were chosen: docs/features.md.
 */
export const V3_FEATURES = [
  column.returns(1),
  ...[3, 5, 15].map(column.positionInRange),
  ...[15, 30, 120, 240].map(column.closeToLine),
  ...[30, 60, 120].map(column.normalisedCloseToLine),
  ...[10, 15, 30].map(column.lineRise),
  ...[60, 240].map(column.normalisedLineRise),
  column.meanToMean(5, 20),
  column.meanToMean(60, 240),
  column.normalisedMeanToMean(30, 120),
  ...[10, 30].map(column.closeToPercentile(50)),
  column.closeToPercentile(10)(15),
  column.closeToPercentile(90)(15),
  column.closeToPercentile(25)(120),
  column.closeToPercentile(75)(120),
  column.quartileRange(120),
  column.middleToMedian(15),
  ...[5, 10, 20, 30].map(column.medianReturn(10)),
  ...[30, 60].map(column.aboveMedian),
  column.shareRisen(15, 60),
  column.shareRisen(30, 30),
  column.shareRisen(60, 120),
  column.netRisen(10, 20),
  column.netRisen(30, 45),
  column.netRisen(30, 120),
  column.sinceHigh(240),
  column.sinceLow(240),
  column.bodyFlow(30),
  column.returnFlow(30),
  column.logVolatility(60),
  column.logRange(240),
  column.volatilityShare(15, 240),
  column.volatilityShare(60, 720),
  column.logMinutesPerRow(60),
  ...column.cyclicTime('hour'),
  ...column.cyclicTime('day'),
];

/** `v3-<columns>`: our own scale-free feature set, causal. */
export const V3: FeatureRecipe = defineFeatureSet<V3Inputs>({ name: `v3-${V3_FEATURES.length}`, inputs: v3Inputs, features: V3_FEATURES });
