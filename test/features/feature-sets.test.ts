import { describe, expect, it } from 'vitest';
import { computeFeatures, featureColumns } from '../../src/features/compute-features.js';
import type { Alignment } from '../../src/features/feature-set.js';
import { FEATURE_SETS, featureSet } from '../../src/features/feature-sets.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';

describe('featureSet', () => {
  it('is causal unless told otherwise', () => {
    expect(featureSet('v2-50')).toMatchObject({ alignment: 'causal', leaky: false, warmupRows: 99 });
    expect(featureSet('v1-31')).toMatchObject({ alignment: 'causal', leaky: false, warmupRows: 33 });
  });

  it('marks the original alignments leaky', () => {
    expect(FEATURE_SETS.filter((set) => set.leaky).map((set) => set.alignment)).toEqual(['legacy', 'legacy', 'legacy-a']);
  });

  it('has the same 50 names in another order under legacy-a', () => {
    const canonical = featureSet('v2-50').columns;
    const other = featureSet('v2-50', 'legacy-a').columns;
    expect(other).not.toEqual(canonical);
    expect([...other].sort()).toEqual([...canonical].sort());
    expect(new Set(other).size).toBe(50);
  });

  it('says what there is when asked for something else', () => {
    expect(() => featureSet('v3-99')).toThrowError(expect.objectContaining({ code: 'unknown-feature-set', hint: 'choose one of v1-31, v2-50, v3-52' }) as Error);
    expect(() => featureSet('v1-31', 'legacy-a')).toThrowError(expect.objectContaining({ code: 'unknown-alignment', hint: 'choose one of causal, legacy' }) as Error);
    expect(() => featureSet('v2-50', 'peeking' as Alignment)).toThrowError('v2-50 has no alignment peeking');
  });
});

describe.each(FEATURE_SETS.map((set) => [`${set.name} ${set.alignment}`, set] as const))('%s', (_, set) => {
  it('is computed in the order of its columns', () => {
    const names = Array.from(featureColumns(randomCandles({ rows: 200 }), set), ([name]) => name);
    expect(names).toEqual(set.columns);
  });

  it.each(['2024-01-01T00:00:00Z', '2024-01-01T00:01:00Z', '2024-01-01T00:17:00Z', '2024-01-01T00:59:00Z'])(
    'has its first complete row after the warm-up when data start at %s',
    (start) => {
      const { columns } = computeFeatures(randomCandles({ rows: set.warmupRows + 150, start }), set);
      const firstNumber = columns.map((values) => values.findIndex((value) => !Number.isNaN(value)));
      expect(Math.max(...firstNumber)).toBe(set.warmupRows);
      expect(columns.every((values, f) => values.subarray(firstNumber[f]).every(Number.isFinite))).toBe(true);
    },
  );

  it.each([0, 1, 2, 5, 19, 98, 99, 119])('is computed for %i candles too', (rows) => {
    const { columns } = computeFeatures(randomCandles({ rows }), set);
    expect(columns.map((values) => values.length)).toEqual(set.columns.map(() => rows));
  });

  it('does not change its candles', () => {
    const candles = randomCandles({ rows: 300 });
    computeFeatures(candles, set);
    expect(candles).toEqual(randomCandles({ rows: 300 }));
  });
});

describe('a causal row', () => {
  it.each([['v1-31'], ['v2-50']])('of %s depends on its windows alone: recent history gives the same bits, but for RSI and MACD', (name) => {
    const set = featureSet(name);
    const candles = randomCandles({ rows: 1000, gaps: 0.02, still: 0.1 });
    const cut = 300;
    const whole = computeFeatures(candles, set);
    const late = computeFeatures(cutCandles(candles, cut), set);
    set.columns.forEach((column, f) => {
      if (column === 'rsi' || column.startsWith('macd')) return;
      const settled = 200;
      expect([column, late.columns[f].slice(settled)]).toEqual([column, whole.columns[f].slice(cut + settled)]);
    });
  });
});
