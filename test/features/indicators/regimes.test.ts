import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankPercentile } from '../../../src/features/indicators/rank-percentile.js';
import { SortedWindow } from '../../../src/features/indicators/sorted-window.js';
import { regimeByPercentile, regimeByQuantile } from '../../../src/features/indicators/volatility-regime.js';
import { eachRow, lastValues, prices } from '../../support/series.js';

/** Few different values: ties in every window. */
const ties = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 300 }).map((values) => Float64Array.from(values));

describe('SortedWindow', () => {
  it('keeps the last values sorted, ties included', () => {
    fc.assert(
      fc.property(fc.oneof(ties, prices(300)), fc.integer({ min: 1, max: 127 }), (values, width) => {
        const window = new SortedWindow();
        values.forEach((value, row) => {
          const rank = row < width ? window.add(value) : window.replace(values[row - width], value);
          const sorted = lastValues(values, row, width).sort((a, b) => a - b);
          expect(Array.from({ length: window.size }, (_, at) => window.at(at))).toEqual(sorted);
          expect(window.at(rank)).toBe(value);
          expect(window.countBelow(value)).toBe(sorted.indexOf(value));
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('rankPercentile', () => {
  it('gives ties their average rank', () => {
    expect(rankPercentile(Float64Array.of(1, 2, 2, 3, 0), 4)).toEqual(Float64Array.of(NaN, NaN, NaN, 1, 0.25));
    expect(rankPercentile(Float64Array.of(7, 7, 7, 7), 4)[3]).toBe(2.5 / 4);
  });

  it('counts what is below and what is equal in the window', () => {
    fc.assert(
      fc.property(fc.oneof(ties, prices(300)), fc.integer({ min: 2, max: 120 }), (values, window) => {
        eachRow(rankPercentile(values, window), (row, value) => {
          if (row < window - 1) return expect(value).toBeNaN();
          const last = lastValues(values, row, window);
          const below = last.filter((other) => other < values[row]).length;
          const equal = last.filter((other) => other === values[row]).length;
          expect(value).toBe((below + (equal + 1) / 2) / window);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('regimeByQuantile', () => {
  const regimes = (atr: Float64Array): string[] => {
    const { volatility_low, volatility_medium, volatility_high } = regimeByQuantile(atr);
    return Array.from(atr, (_, row) => `${volatility_low[row]}${volatility_medium[row]}${volatility_high[row]}`);
  };

  it('calls the first row, and a flat market, high', () => {
    expect(regimes(Float64Array.of(3, 3, 3))).toEqual(['001', '001', '001']);
  });

  it('compares with interpolated quantiles of the last 20', () => {
    fc.assert(
      fc.property(fc.oneof(ties, prices(60)), (atr) => {
        const quantile = (sorted: number[], q: number): number => {
          const position = q * (sorted.length - 1);
          const rank = Math.floor(position);
          return position === rank ? sorted[rank] : sorted[rank] + (sorted[rank + 1] - sorted[rank]) * (position - rank);
        };
        regimes(atr).forEach((regime, row) => {
          const sorted = lastValues(atr, row, 20).sort((a, b) => a - b);
          const expected = atr[row] >= quantile(sorted, 0.67) ? '001' : atr[row] < quantile(sorted, 0.33) ? '100' : '010';
          expect(regime).toBe(expected);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('regimeByPercentile', () => {
  it('is low up to 0.33, medium up to 0.67, NaN where the percentile is', () => {
    expect(regimeByPercentile(Float64Array.of(0.01, 0.33, 0.335, 0.67, 0.675, 1, NaN))).toEqual({
      volatility_low: Float64Array.of(1, 1, 0, 0, 0, 0, NaN),
      volatility_medium: Float64Array.of(0, 0, 1, 1, 0, 0, NaN),
      volatility_high: Float64Array.of(0, 0, 0, 0, 1, 1, NaN),
    });
  });
});
