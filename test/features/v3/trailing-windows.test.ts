import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earlier, rowsSinceHighest, trailingMax, trailingMean, trailingMin, trailingSum } from '../../../src/features/v3/trailing-windows.js';

const series = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 80 }).map((values) => Float64Array.from(values));
const width = fc.integer({ min: 1, max: 90 });

/** `of` over each whole window, the plain way. */
const plainly = (values: Float64Array, rows: number, of: (window: number[]) => number): number[] =>
  Array.from(values, (_, row) => (row < rows - 1 ? NaN : of([...values.subarray(row - rows + 1, row + 1)])));

describe('trailing windows', () => {
  it('are what the plain loops give, for every length', () => {
    fc.assert(
      fc.property(series, width, (values, rows) => {
        const total = (window: number[]): number => window.reduce((sum, value) => sum + value, 0);
        expect([...trailingSum(values, rows)]).toEqual(plainly(values, rows, total));
        expect([...trailingMean(values, rows)]).toEqual(plainly(values, rows, (window) => total(window) / rows));
        expect([...trailingMax(values, rows)]).toEqual(plainly(values, rows, (window) => Math.max(...window)));
        expect([...trailingMin(values, rows)]).toEqual(plainly(values, rows, (window) => Math.min(...window)));
        expect([...rowsSinceHighest(values, rows)]).toEqual(plainly(values, rows, (window) => rows - 1 - window.lastIndexOf(Math.max(...window))));
      }),
    );
  });

  it('sum a window the same way whatever came before it', () => {
    const values = Float64Array.from({ length: 500 }, (_, row) => Math.sin(row) * 10 ** (row % 17));
    for (const rows of [1, 2, 7, 60, 100]) {
      expect(trailingSum(values.subarray(500 - rows), rows)[rows - 1]).toBe(trailingSum(values, rows)[499]);
    }
  });

  it('leave the values as they were, and a NaN out of every window it is not in', () => {
    const values = Float64Array.of(NaN, 1, 2, 3);
    expect([...trailingSum(values, 3)]).toEqual([NaN, NaN, NaN, 6]);
    expect([...values]).toEqual([NaN, 1, 2, 3]);
    expect([...earlier(values, 2)]).toEqual([NaN, NaN, NaN, 1]);
    expect([...earlier(values, 9)]).toEqual([NaN, NaN, NaN, NaN]);
  });
});
