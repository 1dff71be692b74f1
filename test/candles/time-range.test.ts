import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRanges, missingRanges } from '../../src/candles/time-range.js';

describe('mergeRanges', () => {
  it('joins ranges that touch or overlap, whatever their order, and leaves empty ones out', () => {
    const ranges = [{ from: 50, to: 60 }, { from: 0, to: 10 }, { from: 10, to: 20 }, { from: 15, to: 18 }, { from: 30, to: 30 }];
    expect(mergeRanges(ranges)).toEqual([{ from: 0, to: 20 }, { from: 50, to: 60 }]);
  });
});

describe('missingRanges', () => {
  it('is what lies before, between and after', () => {
    const covered = [{ from: 10, to: 20 }, { from: 30, to: 40 }];
    expect(missingRanges({ from: 0, to: 50 }, covered)).toEqual([{ from: 0, to: 10 }, { from: 20, to: 30 }, { from: 40, to: 50 }]);
    expect(missingRanges({ from: 12, to: 18 }, covered)).toEqual([]);
  });

  it('with what was covered makes up the whole, and never asks twice', () => {
    const range = fc.tuple(fc.nat(100), fc.nat(30)).map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(range, fc.array(range), (wanted, covered) => {
        const missing = missingRanges(wanted, covered);
        for (let minute = wanted.from; minute < wanted.to; minute++) {
          const within = ({ from, to }: { from: number; to: number }): boolean => from <= minute && minute < to;
          expect(missing.filter(within).length).toBe(covered.some(within) ? 0 : 1);
        }
      }),
    );
  });
});
