import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directionLabels } from '../../src/datasets/labels.js';
import { fitColumn } from '../../src/datasets/scaler.js';
import { cutWindows, sampleWindows, type WindowSource } from '../../src/datasets/windows.js';

const unscaled = { scaler: { mean: Float64Array.of(0, 0), std: Float64Array.of(1, 1) } };

/** Open times of `rows` minutes, after each of which in `missing` one minute has no candle. */
function minutes(rows: number, missing: readonly number[] = []): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => 60_000 * (row + missing.filter((before) => before < row).length));
}

/** Two columns over `rows` rows: the row's number, and its negative. */
function numbered(rows: number, range = { from: 0, to: rows }): WindowSource {
  const column = Float64Array.from({ length: rows }, (_, row) => row);
  return { columns: [['row', column], ['minus', column.map((value) => -value)]], featureCount: 2, time: minutes(rows), range, scaling: unscaled };
}

describe('cutWindows', () => {
  it('refuses a scaler that takes values beyond float32', () => {
    const scaler = { mean: Float64Array.of(0, 0), std: Float64Array.of(1, 1e-300) };
    expect(() => cutWindows({ ...numbered(100), scaling: { scaler }, model: 'm.safetensors' }, { length: 60, horizon: 15, mode: 'repo' })).toThrow(
      expect.objectContaining({ code: 'scale-does-not-fit', place: { file: 'm.safetensors', row: 1, column: 'minus' } }),
    );
  });

  it('repo: a window holds rows t - length + 1 to t, and n - 74 windows fit n rows of 60 and 15', () => {
    const cut = cutWindows(numbered(200), { length: 60, horizon: 15, mode: 'repo' });
    expect(cut.windows.ends.length).toBe(200 - 74);
    expect(cut.windows.ends[0]).toBe(59);
    expect(cut.decisionRows[0]).toBe(59);
    expect(cut.decisionRows.at(-1)).toBe(200 - 16);
  });

  it('notebook: the window ends one row before its decision, and n - 75 windows fit', () => {
    const cut = cutWindows(numbered(200), { length: 60, horizon: 15, mode: 'notebook' });
    expect(cut.windows.ends.length).toBe(200 - 75);
    expect(cut.windows.ends[0]).toBe(59);
    expect(cut.decisionRows[0]).toBe(60);
    expect(cut.decisionRows.at(-1)).toBe(200 - 16);
  });

  it('keeps rows once, row by row, and counts decisions in candle rows', () => {
    const cut = cutWindows(numbered(50, { from: 20, to: 50 }), { length: 3, horizon: 2, mode: 'repo' });
    expect(Array.from(cut.windows.rows.subarray(0, 4))).toEqual([20, -20, 21, -21]);
    expect(cut.windows.rowCount).toBe(30);
    expect(cut.decisionRows[0]).toBe(22);
  });

  it('drops every window that holds a NaN, and counts them', () => {
    const column = Float64Array.from({ length: 20 }, (_, row) => (row === 8 ? NaN : row));
    const source: WindowSource = { columns: [['x', column]], featureCount: 1, time: minutes(20), range: { from: 0, to: 20 }, scaling: { scaler: { mean: Float64Array.of(0), std: Float64Array.of(1) } } };
    const cut = cutWindows(source, { length: 4, horizon: 2, mode: 'repo' });
    expect(Array.from(cut.windows.ends)).toEqual([3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17]);
    expect(cut.incomplete).toBe(4);
  });

  it('drops every window with a missing minute in it or before its outcome, and counts them', () => {
    const source = { ...numbered(20), time: minutes(20, [9]) };
    const cut = cutWindows(source, { length: 4, horizon: 2, mode: 'repo' });
    expect(Array.from(cut.windows.ends)).toEqual([3, 4, 5, 6, 7, 13, 14, 15, 16, 17]);
    expect(cut.acrossGaps).toBe(5);
    expect(cutWindows(source, { length: 4, horizon: 2, mode: 'repo', maxGapMinutes: 1 }).acrossGaps).toBe(0);
    expect(cutWindows(source, { length: 4, horizon: 2, mode: 'notebook' }).acrossGaps).toBe(6);
  });

  it('gives no window when the range is shorter than one and its outcome', () => {
    expect(cutWindows(numbered(74), { length: 60, horizon: 15, mode: 'repo' }).windows.ends.length).toBe(0);
    expect(cutWindows(numbered(75), { length: 60, horizon: 15, mode: 'repo' }).windows.ends.length).toBe(1);
  });

  it('fits the scaler on the training rows only', () => {
    const column = Float64Array.of(1, 2, 3, 4, 1000, 2000, 3000, 4000);
    const cut = cutWindows({ columns: [['x', column]], featureCount: 1, time: minutes(8), range: { from: 4, to: 8 }, scaling: { train: { from: 0, to: 4 } } }, { length: 1, horizon: 1, mode: 'repo' });
    expect(cut.scaler.mean[0]).toBe(2.5);
    expect(cut.scaler.std[0]).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(cut.windows.rows[0]).toBeCloseTo((1000 - 2.5) / Math.sqrt(5 / 3), 3);
  });

  it('never shows a row outside the window, whatever its sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom('repo' as const, 'notebook' as const), (rows, length, horizon, mode) => {
        const { windows, decisionRows } = cutWindows(numbered(rows), { length, horizon, mode });
        windows.ends.forEach((end, index) => {
          expect(end - length + 1).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(decisionRows[index]);
          expect(decisionRows[index] + horizon).toBeLessThan(rows);
        });
      }),
    );
  });
});

describe('fitColumn', () => {
  it('skips NaN and divides by n - 1', () => {
    expect(fitColumn('x', Float64Array.of(NaN, 1, 3, 99), { from: 0, to: 3 })).toEqual({ mean: 2, std: Math.SQRT2 });
  });

  it('leaves a constant column as it is', () => {
    expect(fitColumn('x', Float64Array.of(5, 5, 5), { from: 0, to: 3 })).toEqual({ mean: 0, std: 1 });
  });

  it('names the column that has nothing to fit', () => {
    expect(() => fitColumn('rsi', Float64Array.of(NaN, NaN, 1), { from: 0, to: 2 })).toThrow(/rsi has 0 values in the 2 training rows/);
  });
});

describe('directionLabels', () => {
  it('is up only when the later close is higher; the last rows of the split have none', () => {
    const close = Float64Array.of(9, 1, 2, 2, 1, 5, 7);
    expect(Array.from(directionLabels(close, 2, { from: 1, to: 6 }))).toEqual([1, 0, 1, NaN, NaN]);
  });
});

describe('sampleWindows', () => {
  it('spreads over all windows', () => {
    const { windows } = cutWindows(numbered(100), { length: 1, horizon: 1, mode: 'repo' });
    const { of, windows: slice } = sampleWindows(windows, 3);
    expect(Array.from(of)).toEqual([0, 33, 66]);
    expect(Array.from(slice.ends)).toEqual([0, 33, 66]);
  });
});
