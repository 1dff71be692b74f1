import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { chronological, purgedKFold, walkForward, type Fold } from '../../src/datasets/cross-validation.js';
import { splitRows } from '../../src/datasets/split.js';

const options = fc.record({ rows: fc.integer({ min: 300, max: 3000 }), folds: fc.integer({ min: 2, max: 8 }), horizon: fc.integer({ min: 0, max: 15 }), embargo: fc.integer({ min: 0, max: 15 }) });

/** Rows from the nearest train row before (or after) the test to it. */
function gaps({ train, test }: Fold): { readonly before: number; readonly after: number } {
  const last = Math.max(-Infinity, ...train.filter(({ to }) => to <= test.from).map(({ to }) => to - 1));
  const first = Math.min(Infinity, ...train.filter(({ from }) => from >= test.to).map(({ from }) => from));
  return { before: test.from - last, after: first - (test.to - 1) };
}

function testsEachRowOnce(folds: readonly Fold[], from: number, rows: number): void {
  expect(folds.flatMap(({ test }) => [test.from, test.to])).toEqual([from, ...folds.slice(1).flatMap(({ test }) => [test.from, test.from]), rows]);
}

describe('purged k-fold', () => {
  it('leaves no train label that meets a test label, and the embargo after the test', () => {
    fc.assert(fc.property(options, ({ rows, ...given }) => {
      const folds = purgedKFold(given).folds(rows);
      testsEachRowOnce(folds, 0, rows);
      for (const fold of folds) {
        const { before, after } = gaps(fold);
        expect(before).toBeGreaterThan(given.horizon);
        expect(after).toBeGreaterThan(given.horizon + given.embargo);
      }
    }));
  });

  it('drops no row that need not be dropped', () => {
    expect(purgedKFold({ folds: 4, horizon: 3, embargo: 5 }).folds(100)[1]).toEqual({ train: [{ from: 0, to: 22 }, { from: 58, to: 100 }], test: { from: 25, to: 50 } });
  });
});

describe('walk-forward', () => {
  it('tests what came after everything it was trained on', () => {
    fc.assert(fc.property(options, ({ rows, ...given }) => {
      const folds = walkForward(given).folds(rows);
      testsEachRowOnce(folds, Math.floor(rows / (given.folds + 1)), rows);
      for (const fold of folds) expect(gaps(fold)).toEqual({ before: given.horizon + given.embargo + 1, after: Infinity });
    }));
  });
});

describe('splitters', () => {
  it('include the one chronological fold', () => {
    const { train, validation, test } = splitRows(1000, 75);
    expect(chronological(75).folds(1000)).toEqual([{ train: [train], validation, test }]);
  });

  it('refuse what leaves nothing to train on, and numbers that make no sense', () => {
    expect(() => walkForward({ folds: 5, horizon: 15, embargo: 60 }).folds(400)).toThrow(expect.objectContaining({ code: 'too-few-rows' }) as Error);
    expect(() => purgedKFold({ folds: 1, horizon: 15, embargo: 0 })).toThrow(expect.objectContaining({ code: 'bad-folds' }) as Error);
    expect(() => purgedKFold({ folds: 5, horizon: -1, embargo: 0 })).toThrow(expect.objectContaining({ code: 'bad-embargo' }) as Error);
  });
});
