import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { Candles } from '../../../src/candles/candles.js';
import type { FeatureRecipe } from '../../../src/features/feature-recipe.js';
import { featureRecipe } from '../../../src/features/feature-recipes.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import { derivedStream } from '../../../src/features/streaming/derived-stream.js';
import { openFeatureStream, streamOf } from '../../../src/features/streaming/open-feature-stream.js';
import { v2Stream } from '../../../src/features/streaming/v2-stream.js';
import { randomCandles } from '../../support/random-candles.js';
import { differencesFromBatch, pushRow } from '../../support/streams.js';

/** A researcher's set: the return over three rows, and a sum over all closes so far, which is carried. */
const mine: FeatureRecipe = {
  set: { name: 'mine-2', alignment: 'causal', columns: ['return_3', 'total'], warmupRows: 3, leaky: false },
  contextRows: 3,
  *compute({ close }: Candles, continuation, onState) {
    yield ['return_3', close.map((price, row) => (row < 3 ? NaN : price / close[row - 3] - 1))];
    let sum = continuation?.state.total[0] ?? 0;
    const total = new Float64Array(close.length);
    for (let row = continuation?.firstRow ?? 0; row < close.length; row++) total[row] = sum += close[row];
    yield ['total', total];
    onState?.({ total: [sum] });
  },
};

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('the derived streaming form', () => {
  it('gives what the batch gives, over restarts, with what recursive kernels carry', () => {
    const candles = randomCandles({ rows: 200, gaps: 0.2 });
    const columns = Array.from(mine.compute(candles), ([, values]) => values);
    expect(differencesFromBatch(() => derivedStream(mine), mine.set, candles, { columns, restarts: [0, 1, 2, 50, 51, 199] })).toEqual([]);
  });

  it('shows the kernel no more than the rows it asked for', () => {
    const seen: number[] = [];
    const watched = { ...mine, compute: ((candles, ...rest) => (seen.push(candles.time.length), mine.compute(candles, ...rest))) as FeatureRecipe['compute'] };
    const stream = derivedStream(watched);
    const candles = randomCandles({ rows: 6 });
    for (let row = 0; row < 6; row++) pushRow(stream, candles, row);
    expect(seen).toEqual([1, 2, 3, 4, 4, 4]);
  });

  it('refuses a set that needs the whole history', () => {
    expect(codeOf(() => openFeatureStream(featureSet('v2-50', 'legacy')))).toBe('stream-needs-history');
  });

  it('refuses a recipe that gives other columns than its set has', () => {
    const candles = randomCandles({ rows: 1 });
    for (const columns of [['return_3'], ['return_3', 'sum'], ['return_3', 'total', 'more']]) {
      expect(codeOf(() => pushRow(derivedStream({ ...mine, set: { ...mine.set, columns } }), candles, 0))).toBe('feature-columns');
    }
  });
});

describe('opening a stream', () => {
  const candles = randomCandles({ rows: 150 });

  it('takes the form of its own where the recipe has one', () => {
    const state = streamOf({ ...featureRecipe('v2-50'), stream: v2Stream }).save();
    expect(() => v2Stream().restore(state)).not.toThrow();
  });

  it('derives one where it has none', () => {
    const state = streamOf(mine).save();
    expect(() => derivedStream(mine).restore(state)).not.toThrow();
  });

  it.each(['v1-31', 'v2-50'])('knows %s by its set', (name) => {
    expect(differencesFromBatch(() => openFeatureStream(featureSet(name)), featureSet(name), candles, { restarts: [70] })).toEqual([]);
  });

  it('refuses a set that is not there', () => {
    expect(codeOf(() => openFeatureStream({ ...mine.set, name: 'nobodys' }))).toBe('unknown-feature-set');
  });
});
