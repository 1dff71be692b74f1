import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trailingQuantiles } from '../../../src/features/v3/order-statistics.js';
import { rowsSinceHighest, rowsSinceLowest, trailingAgeSums, trailingMax, trailingMean, trailingMin, trailingSum } from '../../../src/features/v3/trailing-windows.js';

const series = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 80 }).map((values) => Float64Array.from(values));
const width = fc.integer({ min: 1, max: 90 });

/** `of` over each whole window, the plain way. */
const plainly = (values: Float64Array, rows: number, of: (window: number[]) => number): number[] =>
  Array.from(values, (_, row) => (row < rows - 1 ? NaN : of([...values.subarray(row - rows + 1, row + 1)])));

const total = (window: number[]): number => window.reduce((sum, value) => sum + value, 0);
const ranked = (window: number[], rank: number): number => [...window].sort((a, b) => a - b)[rank];

const KERNELS = {
  trailingSum,
  trailingMean,
  ageSums: (values: Float64Array, rows: number, from?: number) => trailingAgeSums(values, rows, from).ageSums,
  sumsBeside: (values: Float64Array, rows: number, from?: number) => trailingAgeSums(values, rows, from).sums,
  trailingMax,
  trailingMin,
  rowsSinceHighest,
  rowsSinceLowest,
  median: (values: Float64Array, rows: number, from?: number) => trailingQuantiles(values, rows, [0.5], from)[0],
  upperQuartile: (values: Float64Array, rows: number, from?: number) => trailingQuantiles(values, rows, [0.75], from)[0],
};

describe('trailing windows', () => {
  it('are what the plain loops give, for every length', () => {
    fc.assert(
      fc.property(series, width, (values, rows) => {
        expect([...trailingSum(values, rows)]).toEqual(plainly(values, rows, total));
        expect([...trailingMean(values, rows)]).toEqual(plainly(values, rows, (window) => total(window) / rows));
        expect([...trailingAgeSums(values, rows).ageSums]).toEqual(plainly(values, rows, (window) => total(window.map((value, i) => value * (rows - 1 - i)))));
        expect([...trailingAgeSums(values, rows).sums]).toEqual([...trailingSum(values, rows)]);
        expect([...trailingMax(values, rows)]).toEqual(plainly(values, rows, (window) => Math.max(...window)));
        expect([...trailingMin(values, rows)]).toEqual(plainly(values, rows, (window) => Math.min(...window)));
        expect([...rowsSinceHighest(values, rows)]).toEqual(plainly(values, rows, (window) => rows - 1 - window.lastIndexOf(Math.max(...window))));
        expect([...rowsSinceLowest(values, rows)]).toEqual(plainly(values, rows, (window) => rows - 1 - window.lastIndexOf(Math.min(...window))));
        const [least, middle, most] = trailingQuantiles(values, rows, [0, 0.5, 1]);
        expect([...least]).toEqual(plainly(values, rows, (window) => ranked(window, 0)));
        expect([...most]).toEqual(plainly(values, rows, (window) => ranked(window, rows - 1)));
        expect([...middle]).toEqual(plainly(values, rows, (window) => (ranked(window, Math.floor((rows - 1) / 2)) + ranked(window, Math.ceil((rows - 1) / 2))) / 2));
      }),
    );
  });

  it('put a quantile between two values in proportion, as NumPy does', () => {
    expect(trailingQuantiles(Float64Array.of(40, 10, 30, 20), 4, [0.25, 0.9]).map((values) => values[3])).toEqual([17.5, 37]);
  });

  it.each(Object.entries(KERNELS))('%s gives the same bits for the last rows as for all, whatever came before the window', (_, kernel) => {
    const values = Float64Array.from({ length: 500 }, (_, row) => Math.sin(row) * 10 ** (row % 17));
    for (const rows of [1, 2, 4, 7, 60, 100]) {
      const all = kernel(values, rows);
      for (const from of [1, 300, 494, 499]) {
        expect(kernel(values, rows, from).subarray(from)).toEqual(all.subarray(from));
      }
      expect(kernel(values.subarray(500 - rows), rows)[rows - 1]).toBe(all[499]);
    }
  });

  it('leave the values as they were, and a NaN out of every window it is not in', () => {
    const values = Float64Array.of(NaN, 1, 2, 3);
    expect([...trailingSum(values, 3)]).toEqual([NaN, NaN, NaN, 6]);
    expect([...trailingSum(values, 3, 2).subarray(2)]).toEqual([NaN, 6]);
    expect([...trailingAgeSums(values, 3).ageSums]).toEqual([NaN, NaN, NaN, 4]);
    expect([...values]).toEqual([NaN, 1, 2, 3]);
  });
});
