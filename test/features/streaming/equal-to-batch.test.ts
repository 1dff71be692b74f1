import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCandles } from '../../../src/candles/read-candles.js';
import { featureRecipe } from '../../../src/features/feature-recipes.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import { derivedStream } from '../../../src/features/streaming/derived-stream.js';
import { v1Stream } from '../../../src/features/streaming/v1-stream.js';
import { v2Stream } from '../../../src/features/streaming/v2-stream.js';
import { goldenCandles } from '../../support/golden.js';
import { cutCandles, randomCandles } from '../../support/random-candles.js';
import { describeWithShared } from '../../support/requirements.js';
import { differencesFromBatch } from '../../support/streams.js';

const V1 = featureSet('v1-31');
const V2 = featureSet('v2-50');
const streams = [
  ['v1-31, its own form', V1, v1Stream],
  ['v2-50, its own form', V2, v2Stream],
  ['v1-31, derived', V1, () => derivedStream(featureRecipe('v1-31'))],
  ['v2-50, derived', V2, () => derivedStream(featureRecipe('v2-50'))],
] as const;

/** Random walks that lack minutes, stand still, and begin anywhere in the hour; restarts anywhere. */
const walks = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 700 }),
  startMinute: fc.integer({ min: 0, max: 3000 }),
  gaps: fc.constantFrom(0, 0.02, 0.3, 0.9, 0.99),
  still: fc.constantFrom(0, 0.2, 0.95, 1),
  restarts: fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 4 }),
});

describe.each(streams)('%s, against the batch', (_, set, open) => {
  it('gives the same bits on random candles with gaps and still stretches, over restarts', () => {
    fc.assert(
      fc.property(walks, ({ startMinute, restarts, ...walk }) => {
        const candles = randomCandles({ ...walk, start: new Date(Date.UTC(2024, 1, 26) + startMinute * 60_000).toISOString() });
        expect(differencesFromBatch(open, set, candles, { restarts })).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['walk', 'edge'] as const)('gives the same bits on the golden candles %s, saved and restored before every row', (name) => {
    const candles = goldenCandles(name);
    const restarts = Array.from(candles.time.keys());
    expect(differencesFromBatch(open, set, candles, { restarts })).toEqual([]);
  });
});

describe('prices far from one another', () => {
  it('leave no trace once they are out of the windows', () => {
    const candles = randomCandles({ rows: 400, gaps: 0.05 });
    for (const column of ['open', 'high', 'low', 'close'] as const) candles[column].subarray(100, 110).fill(1e12);
    for (const [, set, open] of streams) expect(differencesFromBatch(open, set, candles)).toEqual([]);
  });
});

describeWithShared('real candles', (samples) => {
  const restartsIn = (rows: number): number[] => Array.from({ length: 50 }, (_, k) => (k * 7919 + 13) % rows);

  it.each([['v1-31', V1, v1Stream], ['v2-50', V2, v2Stream]] as const)('of 2025, %s: the same bits in every row, over 50 restarts', (_, set, open) => {
    const candles = readCandles(join(samples, 'real/SOL-USDT_1m_2025-05-05_2025-06-03.parquet'));
    expect(candles.time.length).toBeGreaterThan(40_000);
    expect(differencesFromBatch(open, set, candles, { restarts: restartsIn(candles.time.length) })).toEqual([]);
  });

  it.each([['v1-31', V1, v1Stream], ['v2-50', V2, v2Stream]] as const)('of 2018 with minutes missing, %s: the same bits in 100,000 rows, over 50 restarts', (_, set, open) => {
    const candles = cutCandles(readCandles(join(samples, 'real/ETH-USD_bitfinex_1m_2018-01-01_2019-12-31.parquet')), 200_000, 300_000);
    expect((candles.time[99_999] - candles.time[0]) / 60_000).toBeGreaterThan(103_000);
    expect(differencesFromBatch(open, set, candles, { restarts: restartsIn(100_000) })).toEqual([]);
  });
});
