import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macd } from '../../../src/features/indicators/macd.js';
import { rsi } from '../../../src/features/indicators/rsi.js';
import { eachRow, lastValues, prices, sum } from '../../support/series.js';

/** The recursion written out as a weighted sum of everything so far. */
function exponentialMean(values: number[], alpha: number): number {
  return sum(values.map((value, index) => value * (index === 0 ? 1 : alpha) * (1 - alpha) ** (values.length - 1 - index)));
}

describe('rsi', () => {
  it('is 100 where nothing was lost, even where nothing moved', () => {
    expect(rsi(new Float64Array(20).fill(5)).rsi[19]).toBe(100);
    expect(rsi(Float64Array.from({ length: 20 }, (_, row) => 5 + row)).rsi[19]).toBe(100);
  });

  it('is 0 where all was lost', () => {
    expect(rsi(Float64Array.from({ length: 20 }, (_, row) => 50 - row)).rsi[19]).toBe(0);
  });

  it('weighs all gains against all losses by 13/14 a row', () => {
    fc.assert(
      fc.property(prices(), (close) => {
        const changes = Array.from(close, (price, row) => (row === 0 ? 0 : price - close[row - 1]));
        eachRow(rsi(close).rsi, (row, value) => {
          if (row < 13) return expect(value).toBeNaN();
          const gain = exponentialMean(changes.slice(0, row + 1).map((change) => Math.max(change, 0)), 1 / 14);
          const loss = exponentialMean(changes.slice(0, row + 1).map((change) => Math.max(-change, 0)), 1 / 14);
          expect(value).toBeCloseTo(loss === 0 ? 100 : (100 * gain) / (gain + loss), 8);
        });
      }),
    );
  });
});

describe('macd', () => {
  it('is the difference of two exponential means, its signal seeded with the first one shown', () => {
    fc.assert(
      fc.property(prices(), (close) => {
        const columns = macd(close);
        const shown: number[] = [];
        for (let row = 0; row < close.length; row++) {
          if (row < 25) {
            expect(columns.macd[row]).toBeNaN();
            continue;
          }
          const history = lastValues(close, row, row + 1);
          shown.push(exponentialMean(history, 2 / 13) - exponentialMean(history, 2 / 27));
          expect(columns.macd[row]).toBeCloseTo(shown.at(-1)!, 9);
          if (row < 33) expect([columns.macd_signal[row], columns.macd_diff[row]]).toEqual([NaN, NaN]);
          else {
            expect(columns.macd_signal[row]).toBeCloseTo(exponentialMean(shown, 2 / 10), 9);
            expect(columns.macd_diff[row]).toBe(columns.macd[row] - columns.macd_signal[row]);
          }
        }
      }),
    );
  });

  it('is exactly 0 where nothing moves', () => {
    const columns = macd(new Float64Array(60).fill(0.1 + 0.2));
    expect(columns.macd.subarray(25).every((value) => value === 0)).toBe(true);
    expect(columns.macd_diff.subarray(33).every((value) => value === 0)).toBe(true);
  });
});
