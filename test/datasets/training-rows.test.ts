import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelRows, tileSequences, zeroIncompleteRows } from '../../src/datasets/training-rows.js';
import { cutWindows } from '../../src/datasets/windows.js';

describe('labels by row', () => {
  it('stand at the newest row of each window whose outcome is known, and nowhere else', () => {
    const close = Float64Array.of(1, 2, 1, 3, 3, 2, 5, 4);
    const range = { from: 0, to: close.length };
    const cut = cutWindows({ columns: [['close', close]], featureCount: 1, time: close.map((_, row) => row * 60_000), range, scaling: { train: range } }, { length: 3, horizon: 2, mode: 'repo' });
    const { label, weight, up, labelled } = labelRows(cut, close, 2, range);
    // Rows 2 to 5 end a window of three rows and know the close two rows on: 1 -> 3, 3 -> 2, 3 -> 5, 2 -> 4.
    expect([...weight]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    expect([...label.subarray(2, 6)]).toEqual([1, 0, 1, 1]);
    expect([up, labelled]).toEqual([3, 4]);
  });
});

describe('sequences that tile rows', () => {
  it('score every row once, from the first that has seen enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 2, max: 40 }), fc.nat({ max: 100 }), (rows, length, shown) => {
        const unscored = shown % length;
        const scored = new Uint8Array(rows);
        for (const end of tileSequences(rows, length, unscored)) {
          expect(end - length + 1).toBeGreaterThanOrEqual(0);
          for (let row = end - length + 1 + unscored; row <= end; row++) scored[row]++;
        }
        const last = scored.lastIndexOf(1);
        expect([...scored.subarray(0, last + 1)].every((count, row) => count === (row < unscored ? 0 : 1))).toBe(true);
        // What is left over at the end is less than one more sequence would score.
        expect(rows - 1 - last).toBeLessThan(rows < length ? Infinity : length - unscored);
      }),
    );
  });
});

describe('a row with a value that is not a number', () => {
  it('becomes zeros whole, and its neighbours stay', () => {
    const rows = Float32Array.of(1, 2, NaN, 4, 5, Infinity, 7, 8);
    zeroIncompleteRows(rows, 2);
    expect([...rows]).toEqual([1, 2, 0, 0, 0, 0, 7, 8]);
  });
});
