import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../../src/candles/candles.js';
import { readCandles } from '../../../src/candles/read-candles.js';
import { sliceCandles } from '../../../src/features/look-ahead.js';
import { testFeatureSet } from '../../../src/features/test-feature-set.js';
import { openFeatureStream } from '../../../src/features/streaming/open-feature-stream.js';
import { V3 } from '../../../src/features/v3/v3.js';
import { goldenCandles } from '../../support/golden.js';
import { randomCandles } from '../../support/random-candles.js';
import { describeWithShared } from '../../support/requirements.js';
import { differencesFromBatch } from '../../support/streams.js';

const times = (values: Float64Array, factor: number): Float64Array => values.map((value) => value * factor);
const scaled = (candles: Candles, price: number, volume: number): Candles => ({
  ...candles,
  open: times(candles.open, price),
  high: times(candles.high, price),
  low: times(candles.low, price),
  close: times(candles.close, price),
  volume: times(candles.volume, volume),
});

/** Candles whose prices stand still, without volume, from `from` to `to`. */
function standing(candles: Candles, from: number, to: number): Candles {
  const price = candles.close[from - 1];
  const hold = (values: Float64Array, at: number): Float64Array => values.map((value, row) => (row >= from && row < to ? at : value));
  const { open, high, low, close, volume } = candles;
  return { ...candles, open: hold(open, price), high: hold(high, price), low: hold(low, price), close: hold(close, price), volume: hold(volume, 0) };
}

/** The largest difference between two tables, in any column and row past the warm-up. */
function largestDifference(a: Candles, b: Candles): number {
  const other = new Map(V3.compute(b));
  let largest = 0;
  for (const [name, values] of V3.compute(a)) {
    for (let row = V3.set.warmupRows; row < values.length; row++) largest = Math.max(largest, Math.abs(values[row] - other.get(name)![row]));
  }
  return largest;
}

describe('v3', () => {
  const candles = randomCandles({ rows: 2500, gaps: 0.1, still: 0.2 });

  it('states its columns and its memory', () => {
    expect(V3.set.name).toBe(`v3-${V3.set.columns.length}`);
    expect([...V3.compute(candles)].map(([name]) => name)).toEqual(V3.set.columns);
    expect(V3.contextRows).toBe(720);
    expect(V3.set.warmupRows).toBe(720);
  });

  it('has no look-ahead, and the warm-up and memory it states, with gaps and still candles', () => {
    expect(testFeatureSet(V3, candles, { rows: 20 })).toEqual({ lookAhead: [], missing: [], longMemory: [], warmupRows: 720, passed: true });
  });

  it('is finite where the market stands still for longer than any window, and right after', () => {
    for (const [name, values] of V3.compute(standing(candles, 900, 2200))) {
      expect(values.subarray(V3.set.warmupRows).every(Number.isFinite), name).toBe(true);
    }
  });

  it('is finite on the golden edge candles: gaps, flat prices, no volume', () => {
    const edge = goldenCandles('edge');
    for (const [name, values] of V3.compute(edge)) expect(values.subarray(V3.set.warmupRows).every(Number.isFinite), name).toBe(true);
    expect(edge.time.length).toBeGreaterThan(V3.set.warmupRows);
  });

  it('streams what the batch gives, over restarts, gaps and still candles', () => {
    const few = standing(randomCandles({ rows: 1100, gaps: 0.1, still: 0.2 }), 300, 560);
    expect(differencesFromBatch(() => openFeatureStream(V3.set), V3.set, few, { restarts: [0, 1, 240, 719, 720, 721, 1099] })).toEqual([]);
  });

  it('keeps a crash within the scale of its column: a fall to a tenth in one minute', () => {
    const crash = (values: Float64Array): Float64Array => values.map((value, row) => (row >= 1200 ? value / 10 : value));
    const { open, high, low, close } = candles;
    const fallen = { ...candles, open: crash(open), high: crash(high), low: crash(low), close: crash(close) };
    for (const [name, values] of V3.compute(fallen)) {
      expect(Math.max(...values.subarray(V3.set.warmupRows).map(Math.abs)), name).toBeLessThan(20);
    }
  });

  it('does not change when prices are multiplied by 7 and volumes by 3', () => {
    expect(largestDifference(candles, scaled(candles, 7, 3))).toBeLessThan(1e-9);
    const stands = standing(candles, 900, 2200);
    expect(largestDifference(stands, scaled(stands, 7, 3))).toBeLessThan(1e-9);
  });
});

describeWithShared('v3 on real candles', (samples) => {
  it('has no look-ahead, is finite past its warm-up and scale-free', () => {
    const all = readCandles(join(samples, 'real/BTC-USD_bitfinex_1m_2018-01-01_2019-12-31.parquet'));
    const candles = sliceCandles(all, 500_000, 506_000);
    expect(testFeatureSet(V3, candles, { rows: 10 })).toMatchObject({ passed: true, lookAhead: [], missing: [], longMemory: [] });
    expect(largestDifference(candles, scaled(candles, 7, 3))).toBeLessThan(1e-9);
  });
});
