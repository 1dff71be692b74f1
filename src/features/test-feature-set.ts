import type { Candles } from '../candles/candles.js';
import { findLookAhead, sliceCandles } from './look-ahead.js';
import { InputError } from '../errors.js';
import { createRandom, randomIndex } from '../random.js';
import type { FeatureRecipe } from './feature-recipe.js';

import type { LookAhead } from './look-ahead.js';

/** A column without a finite value in a row past the stated warm-up. */
export interface MissingValue {
  readonly column: string;
  /** The first such row, and what stands there: NaN or an infinity. */
  readonly row: number;
  readonly value: number;
  readonly times: number;
}

/** A column whose value is another one when it is computed from the stated `contextRows` alone. */
export interface LongMemory {
  readonly column: string;
  readonly row: number;
  /** The value with more history, and with `contextRows` rows before its own. */
  readonly value: number;
  readonly fromContext: number;
  /** At how many of the rows tried. */
  readonly times: number;
}

/** What the test of a feature set found; three empty lists are what honest features give. */
export interface FeatureSetFindings {
  readonly lookAhead: readonly LookAhead[];
  readonly missing: readonly MissingValue[];
  readonly longMemory: readonly LongMemory[];
  /** Rows of warm-up these candles needed: no more than stated, where `missing` is empty. */
  readonly warmupRows: number;
  readonly passed: boolean;
}

export interface FeatureSetTestOptions {
  /** How many random rows to try. Default 50. */
  readonly rows?: number;
  /** The same seed tries the same rows. Default 1. */
  readonly seed?: number;
}

/**
 * Tests whether a feature set is what it says: that no column looks ahead, that each has finite values from row
 * `warmupRows` on, and that a value is bit by bit the same when only `contextRows` rows stand before it. Real candles
 * with gaps and stretches that stand still find more than smooth ones.
 * @throws InputError `candles-too-few` where no row lies past the warm-up and the context; what `compute` and `findLookAhead` throw.
 */
export function testFeatureSet(recipe: FeatureRecipe, candles: Candles, options: FeatureSetTestOptions = {}): FeatureSetFindings {
  const { rows = 50, seed = 1 } = options;
  const { set, contextRows = 0 } = recipe;
  const needed = Math.max(set.warmupRows, contextRows) + 2;
  if (candles.time.length < needed) {
    throw new InputError(`${candles.time.length} candles are too few to test ${set.name}`, { code: 'candles-too-few', hint: `give at least ${needed}, better some thousands` });
  }
  const columns = (given: Candles): Record<string, Float64Array> => Object.fromEntries(recipe.compute(given));
  const lookAhead = findLookAhead(columns, candles, { rows, seed, before: Math.max(100, contextRows + 50) });
  const { missing, warmupRows } = findMissing(recipe, candles);
  const longMemory = findLongMemory(recipe, candles, rows, seed);
  return { lookAhead, missing, longMemory, warmupRows, passed: lookAhead.length + missing.length + longMemory.length === 0 };
}

function findMissing(recipe: FeatureRecipe, candles: Candles): Pick<FeatureSetFindings, 'missing' | 'warmupRows'> {
  const missing: MissingValue[] = [];
  let warmupRows = 0;
  for (const [column, values] of recipe.compute(candles)) {
    const first = values.findIndex((value) => Number.isFinite(value));
    warmupRows = Math.max(warmupRows, first < 0 ? values.length : first);
    let found: { row: number; value: number } | undefined;
    let times = 0;
    for (let row = recipe.set.warmupRows; row < values.length; row++) {
      if (Number.isFinite(values[row])) continue;
      found ??= { row, value: values[row] };
      times++;
    }
    if (found !== undefined) missing.push({ column, ...found, times });
  }
  return { missing, warmupRows };
}

function findLongMemory(recipe: FeatureRecipe, candles: Candles, rows: number, seed: number): readonly LongMemory[] {
  const { contextRows } = recipe;
  // A set that says it needs the whole history keeps its word whatever it does.
  if (contextRows === undefined) return [];
  const random = createRandom(seed, 1);
  const found = new Map<string, LongMemory>();
  for (let attempt = 0; attempt < rows; attempt++) {
    const t = contextRows + 1 + randomIndex(random, candles.time.length - contextRows - 1);
    const start = Math.max(0, t - contextRows - 1 - randomIndex(random, 1000));
    const context = new Map(recipe.compute(sliceCandles(candles, t - contextRows, t + 1)));
    for (const [column, values] of recipe.compute(sliceCandles(candles, start, t + 1))) {
      const value = values[t - start];
      const fromContext = context.get(column)?.[contextRows] ?? NaN;
      if (Object.is(value, fromContext)) continue;
      found.set(column, { ...(found.get(column) ?? { column, row: t, value, fromContext }), times: (found.get(column)?.times ?? 0) + 1 });
    }
  }
  return [...found.values()];
}
