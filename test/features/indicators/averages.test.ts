import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageTrueRange, trueRange } from '../../../src/features/indicators/average-true-range.js';
import { bollinger } from '../../../src/features/indicators/bollinger.js';
import { movingAverages } from '../../../src/features/indicators/moving-averages.js';
import { trailingMean } from '../../../src/features/indicators/trailing-mean.js';
import { volume } from '../../../src/features/indicators/volume.js';
import { randomCandles } from '../../support/random-candles.js';
import { eachRow, lastValues, mean, prices, sum, volumes } from '../../support/series.js';

const series = (...values: number[]): Float64Array => Float64Array.from(values);

describe('trailingMean', () => {
  it('uses the rows there are at the head', () => {
    expect(trailingMean(series(2, 4, 6, 8), 3)).toEqual(series(2, 3, 4, 6));
  });

  it('is the mean of the window', () => {
    fc.assert(
      fc.property(prices(), fc.integer({ min: 1, max: 30 }), (values, window) => {
        eachRow(trailingMean(values, window), (row, value) => expect(value).toBeCloseTo(mean(lastValues(values, row, window)), 10));
      }),
    );
  });

  it('gives equal windows equal means, wherever they stand', () => {
    const cycle = [0.1, 0.2, 0.7, 0.3, 1e9, 0.1, 0.2, 0.7, 0.3];
    const means = trailingMean(Float64Array.from(cycle), 3);
    expect(means[8]).toBe(means[3]);
  });
});

describe('averageTrueRange', () => {
  const candles = {
    symbol: 'A-B',
    time: series(0, 60_000, 120_000),
    open: series(10, 14, 5),
    high: series(11, 15, 6),
    low: series(9, 13, 4),
    close: series(10, 14, 5),
    volume: series(1, 1, 1),
  };

  it('reaches from the close before, up or down', () => {
    expect(trueRange(candles)).toEqual(series(2, 5, 10));
    expect(averageTrueRange(candles, 2)).toEqual(series(2, 3.5, 7.5));
  });

  it('is a simple mean of 14', () => {
    const walk = randomCandles({ rows: 100 });
    const range = trueRange(walk);
    eachRow(averageTrueRange(walk), (row, value) => expect(value).toBeCloseTo(mean(lastValues(range, row, 14)), 9));
  });
});

describe('movingAverages', () => {
  it('are the means over 7, 14, 21 and 50 rows, fewer at the head', () => {
    fc.assert(
      fc.property(prices(), (close) => {
        const columns = movingAverages(close);
        for (const window of [7, 14, 21, 50]) {
          eachRow(columns[`sma_${window}`], (row, value) => {
            const expected = mean(lastValues(close, row, window));
            expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * expected);
            expect(columns[`price_sma_${window}_ratio`][row]).toBeCloseTo(close[row] / (expected + 1e-8), 10);
          });
        }
      }),
    );
  });
});

describe('volume', () => {
  it('rises by its slope', () => {
    const { volume_trend } = volume(Float64Array.from({ length: 30 }, (_, row) => 3 * row + 5));
    expect(volume_trend[0]).toBe(0);
    for (let row = 1; row < 30; row++) expect(volume_trend[row]).toBeCloseTo(3, 12);
  });

  it('is the least-squares line through the window', () => {
    fc.assert(
      fc.property(volumes(), (values) => {
        const { volume_ma, volume_ratio, volume_trend } = volume(values);
        values.forEach((value, row) => {
          const window = lastValues(values, row, 20);
          const centre = (window.length - 1) / 2;
          const spread = sum(window.map((_, x) => (x - centre) ** 2));
          const slope = window.length === 1 ? 0 : sum(window.map((v, x) => (x - centre) * (v - mean(window)))) / spread;
          expect(volume_ma[row]).toBeCloseTo(mean(window), 9);
          expect(volume_trend[row]).toBeCloseTo(slope, 9);
          expect(volume_ratio[row]).toBe(value / (volume_ma[row] + 1e-8));
        });
      }),
    );
  });
});

describe('bollinger', () => {
  it('is two standard deviations around the mean of 20, NaN before', () => {
    fc.assert(
      fc.property(prices(), (close) => {
        const { bb_high, bb_low, bb_width, bb_position } = bollinger(close);
        close.forEach((price, row) => {
          if (row < 19) return expect([bb_high[row], bb_low[row], bb_width[row], bb_position[row]]).toEqual([NaN, NaN, NaN, NaN]);
          const window = lastValues(close, row, 20);
          const deviation = Math.sqrt(mean(window.map((value) => (value - mean(window)) ** 2)));
          expect(bb_high[row]).toBeCloseTo(mean(window) + 2 * deviation, 9);
          expect(bb_low[row]).toBeCloseTo(mean(window) - 2 * deviation, 9);
          expect(bb_width[row]).toBeCloseTo((4 * deviation) / price, 9);
          expect(bb_position[row]).toBe((price - bb_low[row]) / (bb_high[row] - bb_low[row] + 1e-8));
        });
      }),
    );
  });

  it('has no width when nothing moves, and no position to speak of', () => {
    const { bb_width, bb_position } = bollinger(new Float64Array(25).fill(100));
    expect([bb_width[24], bb_position[24]]).toEqual([0, 0]);
  });
});
