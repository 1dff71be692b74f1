import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCandles } from '../../src/candles/read-candles.js';
import type { Candles } from '../../src/candles/candles.js';
import { featureSet } from '../../src/features/feature-sets.js';
import { findLookAhead } from '../../src/features/look-ahead.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';
import { projectRoot, sharedSamples } from '../support/requirements.js';

/** Real candles where they are at hand, else the simulated ones of the sample. */
function candleFiles(): string[] {
  const samples = sharedSamples();
  const folder = samples === undefined ? join(projectRoot, 'data/sample') : join(samples, 'real');
  return readdirSync(folder).filter((name) => /_1m_.*\.parquet$/.test(name) && !/^lstm_/.test(name)).map((name) => join(folder, name));
}

const source = sharedSamples() === undefined ? 'simulated candles' : 'real candles';

/** Columns that show a bar before it has closed, or a head filled from later rows. The open of a bar is known at once. */
const LEAKING_BARS = ['5m', '15m', '1h'].flatMap((label) => ['high', 'low', 'close', 'volume'].map((field) => `${label}_${field}`));
const LEAKING_HEADS = ['rsi', 'macd', 'macd_signal', 'macd_diff', 'bb_high', 'bb_low', 'bb_width', 'bb_position'];
const LEAKING_AGREEMENT = ['tf_alignment_score', 'tf_alignment_direction', 'tf_alignment_strength'];

const columnsOf = (leaks: ReturnType<typeof findLookAhead>): string[] => leaks.map(({ column }) => column).sort();

describe(`the future of ${source}, changed after 200 random rows`, () => {
  it.each(candleFiles().map((file) => [file.split('/').at(-1), file]))('changes no causal feature: %s', (_, file) => {
    const candles = readCandles(file);
    expect(findLookAhead(featureSet('v1-31'), candles, { rows: 200, seed: 1 })).toEqual([]);
    expect(findLookAhead(featureSet('v2-50'), candles, { rows: 200, seed: 2 })).toEqual([]);
  });

  it('changes what legacy features show before', () => {
    const candles = readCandles(candleFiles()[0]);
    expect(columnsOf(findLookAhead(featureSet('v1-31', 'legacy'), candles))).toEqual([...LEAKING_HEADS].sort());
    expect(columnsOf(findLookAhead(featureSet('v2-50', 'legacy'), candles))).toEqual([...LEAKING_BARS, ...LEAKING_AGREEMENT, ...LEAKING_HEADS].sort());
    expect(columnsOf(findLookAhead(featureSet('v2-50', 'legacy-a'), candles))).toEqual(
      [...LEAKING_BARS, ...LEAKING_AGREEMENT, ...LEAKING_HEADS, 'atr_percentile'].sort(),
    );
  });
});

describe('findLookAhead', () => {
  const candles = randomCandles({ rows: 4000 });

  it('names the column, the row and the last candle left alone', () => {
    const oneAhead = ({ close }: Candles) => ({ honest: close, peeking: close.map((_, row) => close[row + 1] ?? NaN) });
    const [leak, ...others] = findLookAhead(oneAhead, candles);
    expect(others).toEqual([]);
    expect(leak).toMatchObject({ column: 'peeking', row: leak.unchangedUpTo, value: candles.close[leak.row + 1], times: 200 });
  });

  it('finds a mean over everything, a peek at the next time, and a peek a day ahead', () => {
    const features = ({ time, volume }: Candles) => {
      const mean = volume.reduce((sum, value) => sum + value, 0) / volume.length;
      return {
        scaled: volume.map((value) => value / mean),
        untilNext: time.map((t, row) => (time[row + 1] ?? Infinity) - t),
        tomorrow: volume.map((_, row) => volume[row + 1440] ?? 0),
      };
    };
    expect(columnsOf(findLookAhead(features, candles))).toEqual(['scaled', 'tomorrow', 'untilNext']);
  });

  it('tries the same rows for the same seed', () => {
    const legacy = featureSet('v2-50', 'legacy');
    const options = { rows: 20, seed: 7 };
    expect(findLookAhead(legacy, candles, options)).toEqual(findLookAhead(legacy, candles, options));
    expect(findLookAhead(legacy, candles, { ...options, seed: 8 })).not.toEqual(findLookAhead(legacy, candles, options));
  });

  it('refuses a column that has not one value a candle', () => {
    expect(() => findLookAhead(({ close }) => ({ returns: close.slice(1) }), candles)).toThrowError(/returns has \d+ values for \d+ candles/);
  });

  it('refuses what has no future', () => {
    expect(() => findLookAhead(featureSet('v2-50'), cutCandles(candles, 0, 1))).toThrowError(expect.objectContaining({ code: 'candles-too-few' }) as Error);
  });
});
