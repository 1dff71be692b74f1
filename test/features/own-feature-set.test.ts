import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { defineFeatureSet } from '../../src/features/own-feature-set.js';
import type { FeatureDefinition, FeatureSetDefinition } from '../../src/features/own-feature-set.js';
import { testFeatureSet } from '../../src/features/test-feature-set.js';
import { randomCandles } from '../support/random-candles.js';

const candles = randomCandles({ rows: 3000, gaps: 0.1, still: 0.1 });
const simpleReturn = (rows: number): FeatureDefinition => ({
  name: `return_${rows}`,
  warmupRows: rows,
  compute: ({ close }: Candles) => close.map((price, t) => price / close[t - rows] - 1),
});
const setOf = (...features: FeatureDefinition[]) => defineFeatureSet({ name: 'my-set', features });

describe('defineFeatureSet', () => {
  it('makes a causal recipe of data and pure functions', () => {
    const recipe = setOf(simpleReturn(5), { name: 'range', warmupRows: 0, compute: ({ high, low }) => high.map((price, t) => price / low[t] - 1) });
    expect(recipe.set).toEqual({ name: 'my-set', alignment: 'causal', columns: ['return_5', 'range'], warmupRows: 5, leaky: false });
    expect(recipe.contextRows).toBe(5);
    const [[name, values]] = recipe.compute(candles);
    expect(name).toBe('return_5');
    expect(values[4]).toBeNaN();
    expect(values[9]).toBe(candles.close[9] / candles.close[4] - 1);
  });

  it('computes shared inputs once a table', () => {
    let calls = 0;
    const recipe = defineFeatureSet<{ mid: Float64Array }>({
      name: 'my-2',
      inputs: ({ high, low }) => (calls++, { mid: high.map((price, t) => (price + low[t]) / 2) }),
      features: [1, 2].map((times) => ({ name: `mid_${times}`, warmupRows: 0, compute: ({ mid }) => mid.map((price) => times * price) })),
    });
    expect([...recipe.compute(candles)]).toHaveLength(2);
    expect(calls).toBe(1);
  });

  it('says from which row on anybody reads the values', () => {
    const asked: number[] = [];
    const recipe = defineFeatureSet<Candles>({ name: 'my-1', inputs: (given, firstRow) => (asked.push(firstRow), given), features: [simpleReturn(1)] });
    expect([...recipe.compute(candles), ...recipe.compute(candles, { firstRow: 7, state: {} })]).toHaveLength(2);
    expect(asked).toEqual([0, 7]);
  });

  it('takes the longest memory where it is longer than the warm-up', () => {
    expect(setOf(simpleReturn(5), { ...simpleReturn(3), warmupRows: 0, memoryRows: 40 }).contextRows).toBe(40);
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', null, /undefined is no name/],
    ['a name with a slash', { name: '../x', features: [simpleReturn(1)] }, /"\.\.\/x" is no name for a feature set/],
    ['no features', { name: 'my-0', features: [] }, /my-0 has no features/],
    ['a column with a blank', { name: 'my-1', features: [{ ...simpleReturn(1), name: 'a b' }] }, /feature 1 of my-1: "a b"/],
    ['a candle column', { name: 'my-1', features: [{ ...simpleReturn(1), name: 'Close' }] }, /Close of my-1 is a column of the candles/],
    ['the same name twice', { name: 'my-2', features: [simpleReturn(1), simpleReturn(1)] }, /return_1 twice/],
    ['half a row of warm-up', { name: 'my-1', features: [{ ...simpleReturn(1), warmupRows: 0.5 }] }, /warmupRows of return_1 is 0\.5/],
    ['a memory below zero', { name: 'my-1', features: [{ ...simpleReturn(1), memoryRows: -1 }] }, /memoryRows of return_1 is -1/],
    ['no function', { name: 'my-1', features: [{ name: 'a', warmupRows: 0, compute: 'close' }] }, /compute of a is "close"/],
    ['inputs that are no function', { name: 'my-1', features: [simpleReturn(1)], inputs: {} }, /inputs of my-1 is Object/],
  ])('refuses %s', (_, definition, message) => {
    expect(() => defineFeatureSet(definition as FeatureSetDefinition)).toThrowError(message);
    expect(() => defineFeatureSet(definition as FeatureSetDefinition)).toThrowError(expect.objectContaining({ code: 'feature-set-invalid' }) as Error);
  });

  it('refuses a column of another length, and what is no column', () => {
    const short = setOf({ ...simpleReturn(1), compute: ({ close }) => close.subarray(1) });
    expect(() => [...short.compute(candles)]).toThrowError('return_1 of my-set has 2999 values for 3000 candles');
    const array = setOf({ ...simpleReturn(1), compute: (({ close }: Candles) => [...close]) as unknown as FeatureDefinition['compute'] });
    expect(() => [...array.compute(candles)]).toThrowError('return_1 of my-set is Array, not a Float64Array');
  });
});

describe('testFeatureSet', () => {
  it('finds nothing in honest features', () => {
    expect(testFeatureSet(setOf(simpleReturn(5), simpleReturn(20)), candles)).toEqual({ lookAhead: [], missing: [], longMemory: [], warmupRows: 20, passed: true });
  });

  it('names a column that sees the next close', () => {
    const found = testFeatureSet(setOf(simpleReturn(5), { name: 'next', warmupRows: 0, compute: ({ close }) => close.map((price, t) => (close[t + 1] ?? price) / price) }), candles);
    expect(found.passed).toBe(false);
    expect(found.lookAhead.map(({ column }) => column)).toEqual(['next']);
  });

  it('names a column whose warm-up is longer than stated, and one that is not finite', () => {
    const found = testFeatureSet(setOf({ ...simpleReturn(5), warmupRows: 3, memoryRows: 5 }, { name: 'inverse', warmupRows: 0, compute: ({ volume }) => volume.map((v) => 1 / v) }), candles);
    expect(found.missing.map(({ column, row }) => [column, row])).toEqual([['return_5', 3], ['inverse', candles.volume.indexOf(0, 3)]]);
    expect(found.warmupRows).toBe(5);
  });

  it('names a column that remembers more than stated', () => {
    let total = 0;
    const running = { name: 'running', warmupRows: 0, compute: ({ volume }: Candles) => ((total = 0), volume.map((v) => (total += v))) };
    const found = testFeatureSet(setOf(simpleReturn(5), running), candles);
    expect(found.longMemory.map(({ column }) => column)).toEqual(['running']);
    expect(found.lookAhead).toEqual([]);
  });

  it('refuses candles that end in the warm-up', () => {
    expect(() => testFeatureSet(setOf(simpleReturn(5000)), candles)).toThrowError(expect.objectContaining({ code: 'candles-too-few' }) as Error);
  });
});
