import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import type { RecursiveState } from '../../src/features/feature-recipe.js';
import { featureRecipe } from '../../src/features/feature-recipes.js';
import { FEATURE_SET_NAMES } from '../../src/features/feature-sets.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';

/** All columns, computed piece by piece: each from so many rows of context and what the piece before handed on. */
function inPieces(candles: Candles, name: string, cuts: readonly number[], contextRows: number): Float64Array[] {
  const recipe = featureRecipe(name);
  const rows = candles.time.length;
  const columns = recipe.set.columns.map(() => new Float64Array(rows));
  let state: RecursiveState = {};
  const bounds = [0, ...cuts, rows];
  for (let piece = 0; piece + 1 < bounds.length; piece++) {
    const [from, to] = [bounds[piece], bounds[piece + 1]];
    const start = Math.max(0, from - contextRows);
    // Through JSON, as a manifest keeps it.
    const continuation = from === 0 ? undefined : { firstRow: from - start, state: JSON.parse(JSON.stringify(state)) as RecursiveState };
    let column = 0;
    for (const [, values] of recipe.compute(cutCandles(candles, start, to), continuation, (known) => (state = known))) {
      columns[column++].set(values.subarray(from - start), from);
    }
  }
  return columns;
}

/** The first column whose bit patterns differ (0 and -0 differ, NaN is NaN), or `none`. */
function difference(name: string, given: readonly Float64Array[], expected: readonly Float64Array[]): string {
  const bytes = (values: Float64Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return featureRecipe(name).set.columns.find((_, column) => !bytes(given[column]).equals(bytes(expected[column]))) ?? 'none';
}

const V3_NAME = FEATURE_SET_NAMES.find((name) => name.startsWith('v3-'))!;

describe.each(['v1-31', 'v2-50', V3_NAME])('%s computed in pieces', (name) => {
  const { contextRows } = featureRecipe(name);

  it('is to the bit what a run from the first row gives, wherever it is cut and whatever minutes are missing', () => {
    const scenario = fc.record({
      rows: fc.integer({ min: 1, max: 1200 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
      gaps: fc.constantFrom(0, 0.01, 0.3, 0.9, 0.99),
      still: fc.constantFrom(0, 0.5),
      minute: fc.integer({ min: 0, max: 59 }),
      cuts: fc.array(fc.nat(1200), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(scenario, ({ minute, cuts, ...how }) => {
        const candles = randomCandles({ ...how, start: new Date(Date.UTC(2024, 0, 1, 0, minute)).toISOString() });
        const inner = [...new Set(cuts.filter((cut) => cut > 0 && cut < how.rows))].sort((a, b) => a - b);
        const whole = computeFeatures(candles, featureRecipe(name).set).columns;
        expect(difference(name, inPieces(candles, name, inner, contextRows!), whole)).toBe('none');
      }),
      { numRuns: 150 },
    );
  });

  it('needs every row of its context: with one row less some value differs', () => {
    const candles = randomCandles({ rows: 3000, start: '2024-01-01T00:07:00Z' });
    const everyRow = Array.from({ length: 150 }, (_, row) => 1000 + row);
    const whole = computeFeatures(candles, featureRecipe(name).set).columns;
    expect(difference(name, inPieces(candles, name, everyRow, contextRows!), whole)).toBe('none');
    expect(difference(name, inPieces(candles, name, everyRow, contextRows! - 1), whole)).not.toBe('none');
  });
});

describe('the original’s sets', () => {
  it('know of no context: they fill rows from later ones', () => {
    expect(featureRecipe('v2-50', 'legacy').contextRows).toBeUndefined();
    expect(featureRecipe('v1-31', 'legacy').contextRows).toBeUndefined();
  });
});
