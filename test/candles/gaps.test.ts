import { describe, expect, it } from 'vitest';
import { findGaps } from '../../src/candles/gaps.js';
import { monday, someCandles } from './some-candles.js';

const minute = 60_000;

describe('findGaps', () => {
  it('finds none where no minute is missing', () => {
    expect(findGaps(someCandles(100))).toEqual({ count: 0, missingMinutes: 0, longestMinutes: 0, list: [] });
  });

  it('names the first and the last missing minute of each', () => {
    const candles = { ...someCandles(5), time: Float64Array.of(0, 1, 3, 4, 10).map((at) => monday + at * minute) };
    expect(findGaps(candles)).toEqual({
      count: 2,
      missingMinutes: 6,
      longestMinutes: 5,
      list: [
        { from: monday + 2 * minute, to: monday + 2 * minute, minutes: 1 },
        { from: monday + 5 * minute, to: monday + 9 * minute, minutes: 5 },
      ],
    });
  });
});
