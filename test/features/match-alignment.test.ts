import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import type { Alignment } from '../../src/features/feature-set.js';
import { ALIGNMENTS } from '../../src/features/feature-set.js';
import { featureSet } from '../../src/features/feature-sets.js';
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
