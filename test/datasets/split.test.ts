import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRows } from '../../src/datasets/split.js';

describe('splitRows', () => {
  it('is 70/15/15 in integer arithmetic', () => {
    expect(splitRows(777, 0)).toEqual({ train: { from: 0, to: 543 }, validation: { from: 543, to: 660 }, test: { from: 660, to: 777 }, embargo: 0 });
  });

  it('does not lose the row that 0.7 * n loses in floating point', () => {
    expect(Math.floor(0.7 * 42_660)).toBe(29_861);
    expect(splitRows(42_660, 0).train.to).toBe(29_862);
    expect(splitRows(43_200, 0).train.to).toBe(30_240);
  });

  it('drops the embargo from the start of validation and of test, never from train', () => {
    const split = splitRows(1000, 75);
    expect(split.train).toEqual({ from: 0, to: 700 });
    expect(split.validation).toEqual({ from: 775, to: 850 });
    expect(split.test).toEqual({ from: 925, to: 1000 });
  });

  it('never overlaps and never runs backwards, however large the embargo', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(20_000), (rows, embargo) => {
        const { train, validation, test } = splitRows(rows, embargo);
        expect(train.to).toBeLessThanOrEqual(validation.from);
        expect(validation.from).toBeLessThanOrEqual(validation.to);
        expect(validation.to).toBeLessThanOrEqual(test.from);
        expect(test.from).toBeLessThanOrEqual(test.to);
        expect(test.to).toBe(rows);
      }),
    );
  });

  it('refuses an embargo that is no number of rows', () => {
    expect(() => splitRows(100, -1)).toThrow(/-1/);
    expect(() => splitRows(100, 1.5)).toThrow(/1\.5/);
  });
});
