import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../src/candles/candles.js';
import { alignmentScore } from '../../../src/features/multi-timeframe/alignment-score.js';
import { aggregateBars, TIMEFRAMES } from '../../../src/features/multi-timeframe/bars.js';
import { joinBars, seenOnceClosed } from '../../../src/features/multi-timeframe/join.js';
import { seenFromItsStart } from '../../../src/features/legacy/bar-in-progress.js';
import { randomCandles } from '../../support/random-candles.js';

const [fiveMinutes] = TIMEFRAMES;
const minutes = (...of: number[]): Float64Array => Float64Array.from(of, (minute) => minute * MINUTE_MS);

/** Candles of any odd start and with gaps. */
const candlesWithGaps = fc
  .record({ seed: fc.integer(), rows: fc.integer({ min: 1, max: 300 }), gaps: fc.constantFrom(0, 0.05, 0.5, 0.95), minute: fc.integer({ min: 0, max: 59 }) })
  .map(({ minute, ...options }) => randomCandles({ ...options, start: new Date(Date.UTC(2024, 1, 28, 23, minute)).toISOString() }));

describe('aggregateBars', () => {
  it('takes first open, highest high, lowest low, last close and all volume of the minutes that are there', () => {
    fc.assert(
      fc.property(candlesWithGaps, fc.constantFrom(...TIMEFRAMES), (candles, timeframe) => {
        const bars = aggregateBars(candles, timeframe);
        const start = (row: number): number => candles.time[row] - (candles.time[row] % timeframe.widthMs);
        const rows = Array.from(candles.time.keys());
        const starts = [...new Set(rows.map(start))];
        expect(Array.from(bars.time)).toEqual(starts);
        starts.forEach((time, bar) => {
          const within = rows.filter((row) => start(row) === time);
          expect(bars.open[bar]).toBe(candles.open[within[0]]);
          expect(bars.high[bar]).toBe(Math.max(...within.map((row) => candles.high[row])));
          expect(bars.low[bar]).toBe(Math.min(...within.map((row) => candles.low[row])));
          expect(bars.close[bar]).toBe(candles.close[within.at(-1)!]);
          expect(bars.volume[bar]).toBe(within.reduce((sum, row) => sum + candles.volume[row], 0));
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('joins', () => {
  const candles = { ...randomCandles({ rows: 9 }), time: minutes(3, 4, 5, 6, 9, 10, 14, 27, 28) };
  const bars = aggregateBars(candles, fiveMinutes);

  it('a closed bar is seen from the minute on in which it closes, however old it gets', () => {
    expect(Array.from(bars.time)).toEqual(Array.from(minutes(0, 5, 10, 25)));
    expect(Array.from(seenOnceClosed(bars, candles.time))).toEqual([1, 4, 6, 9]);
  });

  it('the original sees a bar from its first minute on', () => {
    expect(Array.from(seenFromItsStart(bars, candles.time))).toEqual([0, 2, 5, 7]);
  });

  it('joinBars has NaN before the first bar', () => {
    const { '5m_close': close } = joinBars(bars, seenOnceClosed(bars, candles.time), 9);
    expect(Array.from(close)).toEqual([NaN, ...[1, 1, 1, 4, 4, 6, 6, 6].map((row) => candles.close[row])]);
  });

  it('show the newest bar that has closed, or the one the minute lies in', () => {
    fc.assert(
      fc.property(candlesWithGaps, fc.constantFrom(...TIMEFRAMES), (walk, timeframe) => {
        const { widthMs, label } = timeframe;
        const all = aggregateBars(walk, timeframe);
        const closed = joinBars(all, seenOnceClosed(all, walk.time), walk.time.length)[`${label}_close`];
        const current = joinBars(all, seenFromItsStart(all, walk.time), walk.time.length)[`${label}_close`];
        walk.time.forEach((t, row) => {
          const closedBar = all.time.findLastIndex((start) => start + widthMs <= t + MINUTE_MS);
          expect(closed[row]).toBe(closedBar < 0 ? NaN : all.close[closedBar]);
          expect(current[row]).toBe(all.close[all.time.findLastIndex((start) => start <= t)]);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('agree in the last minute of every bar', () => {
    fc.assert(
      fc.property(candlesWithGaps, fc.constantFrom(...TIMEFRAMES), (walk, timeframe) => {
        const all = aggregateBars(walk, timeframe);
        const closed = seenOnceClosed(all, walk.time);
        const current = seenFromItsStart(all, walk.time);
        const barAt = (from: Int32Array, row: number): number => from.findLastIndex((first) => first <= row);
        walk.time.forEach((time, row) => {
          const isLastMinute = (time + MINUTE_MS) % timeframe.widthMs === 0;
          expect(barAt(closed, row)).toBe(isLastMinute ? barAt(current, row) : barAt(current, row) - 1);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('alignmentScore', () => {
  /** Scores of the 6th row, when each series moves by this much over five rows. */
  const scoreOf = (...moves: number[]): number[] => {
    const closes = moves.map((move) => Float64Array.of(10, 10, 10, 10, 10, 10 + move));
    return Object.values(alignmentScore(closes)).map((values) => values[5]);
  };

  it.each([
    ['four rise', [1, 2, 3, 4], [1, 1, 1]],
    ['four fall', [-1, -2, -3, -4], [1, 1, 1]],
    ['three rise', [1, 1, 1, -1], [0.75, 1, 0.5]],
    ['two against two', [1, 1, -1, -1], [0.5, 0, 0]],
    ['one moves', [1, 0, 0, 0], [0.25, -1, 0.5]],
    ['nothing moves', [0, 0, 0, 0], [0, -1, 1]],
  ])('%s', (_, moves, [score, direction, strength]) => {
    expect(scoreOf(...moves)).toEqual([score, direction, strength]);
  });

  it('has no value until every series has a change over five rows', () => {
    const close = Float64Array.from({ length: 12 }, (_, row) => row);
    const late = close.map((value) => (value < 3 ? NaN : value));
    expect(alignmentScore([close, late]).tf_alignment_score.findIndex((value) => !Number.isNaN(value))).toBe(8);
  });
});
