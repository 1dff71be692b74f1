import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/features/compute-features.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import { fillBackward, fillForward, filled } from '../../../src/features/legacy/fill.js';
import { randomCandles } from '../../support/random-candles.js';

describe('filling', () => {
  it('takes the last value before, or the next one after', () => {
    const values = (): Float64Array => Float64Array.of(NaN, 1, NaN, 2, NaN);
    const forward = values();
    fillForward(forward);
    expect(forward).toEqual(Float64Array.of(NaN, 1, 1, 2, 2));
    const backward = values();
    fillBackward(backward);
    expect(backward).toEqual(Float64Array.of(1, 1, 2, 2, NaN));
    expect([...filled([['x', values()]])]).toEqual([['x', Float64Array.of(1, 1, 1, 2, 2)]]);
  });
});

describe('legacy v1-31', () => {
  it('is causal v1-31 with a head from the future', () => {
    const candles = randomCandles({ rows: 100 });
    const causal = computeFeatures(candles, featureSet('v1-31'));
    const legacy = computeFeatures(candles, featureSet('v1-31', 'legacy'));
    const macd = featureSet('v1-31').columns.indexOf('macd');
    expect(causal.columns[macd].slice(0, 25).every(Number.isNaN)).toBe(true);
    expect(legacy.columns[macd].slice(0, 25)).toEqual(new Float64Array(25).fill(causal.columns[macd][25]));
    expect(legacy.columns.map((values) => values.slice(33))).toEqual(causal.columns.map((values) => values.slice(33)));
  });
});
