import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import type { Alignment } from '../../src/features/feature-set.js';
import { ALIGNMENTS } from '../../src/features/feature-set.js';
import { featureSet } from '../../src/features/feature-sets.js';
import { averageTrueRange } from '../../src/features/indicators/average-true-range.js';
import { matchAlignment } from '../../src/features/match-alignment.js';
import type { NamedColumns } from '../../src/features/named-columns.js';
import { goldenCandles, goldenFeatures } from '../support/golden.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';
import { describeWithShared } from '../support/requirements.js';

const walk = randomCandles({ rows: 12_000, gaps: 0.01, still: 0.05, start: '2024-05-01T10:23:00Z' });

function columns(candles: Candles, name: string, alignment: Alignment, from = 0, to = candles.time.length): Record<string, Float64Array> {
  const table = computeFeatures(candles, featureSet(name, alignment));
  return Object.fromEntries(table.featureSet.columns.map((column, f) => [column, table.columns[f].slice(from, to)]));
}

const REGIMES = ['volatility_low', 'volatility_medium', 'volatility_high'];

/** Prices around 4,000 in ticks of a tenth, and rows whose range is just below one other of the last 100: equal, had prices no rounding. */
function tickCandles(): { candles: Candles; ties: number[] } {
  const candles = randomCandles({ rows: 20_000, seed: 5 });
  for (const column of ['open', 'high', 'low', 'close'] as const) candles[column].set(candles[column].map((price) => Math.round(price / 10) / 10));
  const atr = averageTrueRange(candles);
  const ties: number[] = [];
  for (let row = 200; row < 20_000; row++) {
    const near = Array.from(atr.subarray(row - 99, row)).filter((other) => Math.abs(other - atr[row]) < 1e-9 * atr[row]);
    if (near.length === 1 && near[0] > atr[row]) ties.push(row);
  }
  return { candles, ties };
}

/** Bollinger columns by adding the new close to mean and variance and taking the oldest out (Welford), never summing anew. */
function carriedBands(close: Float64Array): NamedColumns {
  const [bb_high, bb_low, bb_width, bb_position] = Array.from({ length: 4 }, () => new Float64Array(close.length).fill(NaN));
  let [held, mean, squares] = [0, 0, 0];
  const carry = (value: number, by: 1 | -1): void => {
    held += by;
    const distance = value - mean;
    mean += (by * distance) / held;
    squares += by * distance * (value - mean);
  };
  for (let row = 0; row < close.length; row++) {
    carry(close[row], 1);
    if (row >= 20) carry(close[row - 20], -1);
    if (row < 19) continue;
    const reach = 2 * Math.sqrt(Math.max(0, squares) / 20);
    [bb_high[row], bb_low[row], bb_width[row]] = [mean + reach, mean - reach, (2 * reach) / (close[row] + 1e-8)];
    bb_position[row] = (close[row] - bb_low[row]) / (bb_high[row] - bb_low[row] + 1e-8);
  }
  return { bb_high, bb_low, bb_width, bb_position };
}

const match = (given: NamedColumns, candles: Candles, name = 'v2-50', alignment?: Alignment): Alignment =>
  matchAlignment(given, candles, name, { alignment, from: Math.max(...Object.values(given).map((values) => values.findIndex((value) => !Number.isNaN(value)))) }).alignment;

describe('matchAlignment', () => {
  it.each(ALIGNMENTS)('finds %s in a whole history and in cuts of one', (alignment) => {
    for (const [from, to] of [[0, 12_000], [0, 300], [1017, 1337], [5003, 5303], [100, 11_977]]) {
      expect(match(columns(walk, 'v2-50', alignment, from, to), cutCandles(walk, from, to))).toBe(alignment);
    }
  });

  it.each(['walk', 'edge'] as const)('knows what pandas computed: golden %s', (name) => {
    for (const alignment of ALIGNMENTS) {
      const golden = Object.fromEntries(goldenFeatures(name, featureSet('v2-50', alignment)));
      expect(match(golden, goldenCandles(name))).toBe(alignment);
    }
  });

  it('knows v1-31 by its head: empty, filled from later rows, or continued', () => {
    expect(match(columns(walk, 'v1-31', 'causal'), walk, 'v1-31')).toBe('causal');
    expect(match(columns(walk, 'v1-31', 'legacy'), walk, 'v1-31')).toBe('legacy');
    const later = cutCandles(walk, 2000);
    expect(match(columns(walk, 'v1-31', 'legacy', 2000), later, 'v1-31')).toBe('causal');
    expect(match(columns(walk, 'v1-31', 'legacy', 2000), later, 'v1-31', 'legacy')).toBe('legacy');
    expect(() => match(columns(walk, 'v1-31', 'legacy'), walk, 'v1-31', 'causal')).toThrowError('its first rows are filled from later ones');
    expect(() => match(columns(walk, 'v1-31', 'causal'), walk, 'v1-31', 'legacy')).toThrowError('fits causal, not legacy');
  });

  it('calls nothing causal that shows the future in a single hour', () => {
    const given = columns(walk, 'v2-50', 'causal');
    const leaky = columns(walk, 'v2-50', 'legacy');
    for (const column of ['1h_high', '1h_low', '1h_close', '1h_volume']) given[column].set(leaky[column].subarray(9000, 9060), 9000);
    expect(() => match(given, walk)).toThrowError(expect.objectContaining({ code: 'alignment-unknown' }) as Error);
  });

  it('calls nothing causal whose head is filled from later rows', () => {
    const given = columns(walk, 'v2-50', 'causal');
    for (const values of Object.values(given)) values.fill(values.find((value) => !Number.isNaN(value))!, 0, values.findIndex((value) => !Number.isNaN(value)));
    expect(() => match(given, walk)).toThrowError(expect.objectContaining({ code: 'alignment-unknown' }) as Error);
  });

  it('calls nothing causal that holds labels in the last 40 of 4,000 rows of volatility_high', () => {
    const candles = cutCandles(walk, 0, 4000);
    for (const name of ['v1-31', 'v2-50']) {
      const given = columns(candles, name, 'causal');
      const label = (row: number): number => Number(walk.close[row + 15] > walk.close[row]);
      for (let row = 3960; row < 4000; row++) given.volatility_high[row] = label(row);
      expect(() => match(given, candles, name)).toThrowError(/volatility_high in row 39\d\d is [01] where/);
      // A whole regime, so that one of the three is always 1.
      for (let row = 3960; row < 4000; row++) [given.volatility_low[row], given.volatility_medium[row]] = [1 - label(row), 0];
      expect(() => match(given, candles, name)).toThrowError(expect.objectContaining({ code: 'alignment-unknown' }) as Error);
    }
  });

  it('finds one step of a rank where nothing ties', () => {
    const given = columns(walk, 'v2-50', 'causal');
    given.atr_percentile[11_000] += given.atr_percentile[11_000] > 0.5 ? -0.01 : 0.01;
    expect(() => match(given, walk)).toThrowError('atr_percentile in row 11000');
  });

  it('forgives bands whose variance was carried from row to row, as pandas does, and has drifted', () => {
    const falling = randomCandles({ rows: 30_000, seed: 3 });
    for (const column of ['open', 'high', 'low', 'close'] as const) {
      const values = falling[column];
      values.forEach((price, row) => (values[row] = Math.round(price * Math.exp(-row / 12_000) * 100) / 100));
      values.fill(falling.close[25_000], 25_001, 25_019);
    }
    const truth = columns(falling, 'v2-50', 'causal');
    const drifted = { ...truth, ...carriedBands(falling.close) };
    const furthest = Math.max(...Array.from(drifted.bb_position, (value, row) => (row < 19 ? 0 : Math.abs(value - truth.bb_position[row]))));
    expect(furthest).toBeGreaterThan(1e-7);
    expect(match(drifted, falling)).toBe('causal');
  });

  it('finds a label in bb_position, unless the bands are too narrow for any position', () => {
    const label = (candles: Candles, from: number): NamedColumns => {
      const given = columns(candles, 'v2-50', 'causal');
      for (let row = from; row < from + 40; row++) given.bb_position[row] += 9e-4;
      return given;
    };
    expect(() => match(label(walk, 11_000), walk)).toThrowError('bb_position in row 11000');
    const still = randomCandles({ rows: 1600 });
    for (const column of ['open', 'high', 'low', 'close'] as const) still[column].fill(still.close[799], 800, 900);
    expect(match(label(still, 830), still)).toBe('causal');
  });

  it('forgives one step where ranges tie but for rounding, in a few rows', () => {
    const { candles, ties } = tickCandles();
    expect(ties.length).toBeGreaterThan(250);
    const given = columns(candles, 'v2-50', 'causal');
    const step = (rows: readonly number[], by: number): NamedColumns => {
      const atr_percentile = given.atr_percentile.slice();
      const regimes = REGIMES.map((regime) => given[regime].slice());
      for (const row of rows) {
        atr_percentile[row] += by;
        const regime = atr_percentile[row] <= 0.33 ? 0 : atr_percentile[row] <= 0.67 ? 1 : 2;
        regimes.forEach((values, index) => (values[row] = Number(index === regime)));
      }
      return { ...given, atr_percentile, ...Object.fromEntries(REGIMES.map((regime, index) => [regime, regimes[index]])) };
    };
    expect(match(step(ties.slice(0, 20), 0.01), candles)).toBe('causal');
    expect(() => match(step(ties.slice(0, 1), 0.02), candles)).toThrowError('atr_percentile in row');
    expect(() => match(step(ties.slice(0, 1), -0.01), candles)).toThrowError('atr_percentile in row');
    expect(() => match(step(ties.slice(0, 250), 0.01), candles)).toThrowError('atr_percentile in row');
    const crossing = ties.find((row) => given.atr_percentile[row] === 0.67 || given.atr_percentile[row] === 0.33) ?? -1;
    expect(crossing).toBeGreaterThan(0);
    expect(match(step([crossing], 0.01), candles)).toBe('causal');
    const regimesAlone = { ...step([crossing], 0.01), atr_percentile: given.atr_percentile };
    expect(() => match(regimesAlone, candles)).toThrowError(new RegExp(`volatility_(low|medium) in row ${crossing}`));
  });

  it('forgives the regime of a range that is a quantile but for rounding', () => {
    const { candles } = tickCandles();
    const atr = averageTrueRange(candles);
    const given = columns(candles, 'v1-31', 'causal');
    // With 20 rows the 0.67-quantile lies between the 13th and the 14th: it is the range of both where these tie.
    const tied = Array.from(atr.keys()).filter((row) => {
      if (row < 200) return false;
      const sorted = atr.slice(row - 19, row + 1).sort();
      return sorted[13] - sorted[12] < 1e-9 * atr[row] && Math.abs(atr[row] - sorted[12]) < 1e-9 * atr[row] && sorted[12] > sorted[6] + 0.001;
    });
    expect(tied.length).toBeGreaterThan(5);
    const swap = (row: number, regime: string): NamedColumns => ({
      ...given,
      ...Object.fromEntries(REGIMES.map((name) => [name, given[name].map((value, at) => (at === row ? Number(name === regime) : value))])),
    });
    for (const row of tied.slice(0, 5)) {
      for (const regime of ['volatility_medium', 'volatility_high']) expect(match(swap(row, regime), candles, 'v1-31')).toBe('causal');
      expect(() => match(swap(row, 'volatility_low'), candles, 'v1-31')).toThrowError(`volatility_low in row ${row}`);
      expect(() => match(swap(row, 'none'), candles, 'v1-31')).toThrowError(`in row ${row}`);
    }
  });

  it.each(ALIGNMENTS)('takes %s columns stored as float32', (alignment) => {
    const given = columns(walk, 'v2-50', alignment);
    expect(match(Object.fromEntries(Object.entries(given).map(([column, values]) => [column, Float64Array.from(values, Math.fround)])), walk)).toBe(alignment);
  });

  it('says that prices stored as float32 have lost digits', () => {
    const [rounded, given] = [cutCandles(walk, 0, 2000), columns(cutCandles(walk, 0, 2000), 'v2-50', 'causal')];
    for (const column of ['open', 'high', 'low', 'close'] as const) rounded[column].set(rounded[column].map(Math.fround));
    const hint = 'its prices were stored as float32';
    expect(() => match(given, rounded)).toThrowError(expect.objectContaining({ code: 'alignment-unknown', hint: expect.stringContaining(hint) as string }) as Error);
    const whole = cutCandles(walk, 0, 2000);
    for (const column of ['open', 'high', 'low', 'close'] as const) whole[column].set(whole[column].map(Math.round));
    expect(() => match(given, whole)).toThrowError(expect.objectContaining({ code: 'alignment-unknown', hint: expect.not.stringContaining(hint) as string }) as Error);
  });

  it('forgives legacy bars that were downloaded on their own, where they rarely differ', () => {
    const given = columns(walk, 'v2-50', 'legacy');
    for (let row = 0; row < 12_000; row += 300) given['15m_volume'].fill(1, row, row + 10);
    expect(match(given, walk)).toBe('legacy');
    given['15m_volume'].fill(1);
    expect(() => match(given, walk)).toThrowError('by legacy, the nearest, 15m_volume in row');
  });

  it('takes a cut in which nothing moved', () => {
    const still = randomCandles({ rows: 1600 });
    const price = still.close[799];
    for (const column of ['open', 'high', 'low', 'close'] as const) still[column].fill(price, 800, 1500);
    const given = columns(still, 'v2-50', 'causal', 820, 1600);
    expect(match(given, cutCandles(still, 820))).toBe('causal');
  });

  it('needs rows to compare', () => {
    expect(() => match(columns(walk, 'v2-50', 'causal', 0, 100), cutCandles(walk, 0, 100))).toThrowError(expect.objectContaining({ code: 'features-too-short' }) as Error);
  });
});

describeWithShared('matchAlignment on real candles', (samples) => {
  const files = samples === '' ? [] : readdirSync(join(samples, 'real')).filter((name) => /^[A-Z-]+_1m_.*parquet$/.test(name));
  it.each(files)('%s', (file) => {
    const candles = readCandles(join(samples, 'real', file));
    for (const alignment of ALIGNMENTS) {
      expect(match(columns(candles, 'v2-50', alignment), candles)).toBe(alignment);
      expect(match(columns(candles, 'v2-50', alignment, 20_011, 21_000), cutCandles(candles, 20_011, 21_000))).toBe(alignment);
    }
  });
});
