import { describe, expect, it } from 'vitest';
import { readCandles } from '../../src/candles/read-candles.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import { extendFeatureSet } from '../../src/features/extend-feature-set.js';
import { addFeatureRecipe, featureRecipe } from '../../src/features/feature-recipes.js';
import { lastRows } from '../../src/features/feature-table.js';
import { sliceCandles } from '../../src/features/look-ahead.js';
import { defineFeatureSet } from '../../src/features/own-feature-set.js';
import { compareStream } from '../../src/features/streaming/stream-agreement.js';

const candles = sliceCandles(readCandles(['data/sample'], { symbol: 'ETH-SIM' }), 0, 1500);
const mine = defineFeatureSet({ name: 'mine-1', features: [{ name: 'return_7', warmupRows: 7, compute: ({ close }) => close.map((price, t) => Math.log(price / close[t - 7])) }] });
const base = featureRecipe('v2-50');
const extended = extendFeatureSet('v2-50-mine', base, mine);
const columns = (recipe: typeof base) => [...recipe.compute(candles)];

describe('a feature set with the columns of another behind its own', () => {
  it('is both, to the last bit', () => {
    expect(columns(extended)).toEqual([...columns(base), ...columns(mine)]);
    expect(extended.set).toMatchObject({ name: 'v2-50-mine', columns: [...base.set.columns, 'return_7'], warmupRows: 99, leaky: false });
    expect(extended.contextRows).toBe(base.contextRows);
  });

  it('streams what it computes, over a restart too', () => {
    const { rows, differences, stateBytes } = compareStream(extended, candles);
    expect({ rows, differences }).toEqual({ rows: 1500, differences: [] });
    expect(stateBytes).toBeGreaterThan(1000);
  });

  it('goes on from what recursive kernels knew, as the base does', () => {
    let state = {};
    for (const [, values] of extended.compute(sliceCandles(candles, 0, 1000), undefined, (known) => (state = known))) expect(values).toHaveLength(1000);
    const firstRow = extended.contextRows ?? 0;
    const rest = sliceCandles(candles, 1000 - firstRow, 1500);
    const whole = new Map(columns(extended));
    for (const [name, values] of extended.compute(rest, { firstRow, state })) expect([name, values.slice(firstRow)]).toEqual([name, whole.get(name)?.slice(1000)]);
  });

  it('is known by its name once it is added', () => {
    addFeatureRecipe(extended);
    const rows = lastRows(computeFeatures(candles, extended.set), { rows: 2, columns: ['rsi', 'return_7'] });
    expect(rows).toHaveLength(2);
    expect(rows[1]).toEqual({ time: new Date(candles.time[1499]).toISOString().slice(0, 16), rsi: new Map(columns(base)).get('rsi')?.[1499], return_7: columns(mine)[0][1][1499] });
  });

  it.each([
    ['a name that is none', () => extendFeatureSet('v2 50', base, mine)],
    ['a column that both have', () => extendFeatureSet('twice', base, defineFeatureSet({ name: 'rsi-1', features: [{ name: 'RSI', warmupRows: 0, compute: ({ close }) => close }] }))],
    ['two alignments', () => extendFeatureSet('two', featureRecipe('v2-50', 'legacy'), mine)],
  ])('refuses %s', (_, make) => expect(make).toThrow(expect.objectContaining({ code: 'feature-set-invalid' })));
});

describe('compareStream', () => {
  it('finds a stream that is not its batch', () => {
    const drifting = { ...mine, stream: () => ({ push: (_time: number, _open: number, _high: number, _low: number, close: number) => Float64Array.of(close), save: () => new Uint8Array(3), restore: () => undefined }) };
    const { differences } = compareStream(drifting, candles, { rows: 20 });
    expect(differences).toEqual([{ column: 'return_7', row: 0, live: candles.close[0], batch: NaN, times: 20 }]);
  });
});
