import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRows } from '../../../src/datasets/split.js';
import type { InputError } from '../../../src/errors.js';
import { exampleRanges, FOLD_KINDS, requireFolds } from '../../../src/workflows/training/folds.js';

const shape = { windowLength: 10, horizon: 5 };

function refusal(...args: Parameters<typeof requireFolds>): InputError | undefined {
  try {
    requireFolds(...args);
    return undefined;
  } catch (error) {
    return error as InputError;
  }
}

describe('the rows of a training', () => {
  it('without folds are the chronological split', () => {
    const { train, validation } = splitRows(1000, 15);
    expect(exampleRanges(1000, shape)).toEqual({ train: [train], validation });
  });

  it('walk-forward: learns from what came before, the end of it chooses, the next block judges', () => {
    // 850 of 1000 rows come before the test split: blocks of 170.
    expect(exampleRanges(1000, { ...shape, fold: { kind: 'walk-forward', folds: 4, fold: 2 } })).toEqual({
      train: [{ from: 0, to: 277 }],
      validation: { from: 292, to: 325 },
      heldOut: { from: 340, to: 510 },
    });
  });

  it('purged: learns from both sides of the block that judges', () => {
    const { train, validation, heldOut } = exampleRanges(1000, { ...shape, fold: { kind: 'purged', folds: 5, fold: 2 } });
    expect(heldOut).toEqual({ from: 170, to: 340 });
    expect(train).toEqual([{ from: 0, to: 165 }, { from: 355, to: 751 }]);
    expect(validation).toEqual({ from: 766, to: 850 });
  });

  it('refuses a fold that is none, and data too short for one', () => {
    expect(() => exampleRanges(1000, { ...shape, fold: { kind: 'purged', folds: 5, fold: 6 } })).toThrow(expect.objectContaining({ code: 'bad-folds' }) as Error);
    expect(() => exampleRanges(500, { ...shape, fold: { kind: 'walk-forward', folds: 5, fold: 1 } })).toThrow(/of a fold's 55 training rows, none are left to choose the epoch by/);
    expect(() => exampleRanges(60, { ...shape, fold: { kind: 'walk-forward', folds: 5, fold: 1 } })).toThrow(expect.objectContaining({ code: 'too-few-rows' }) as Error);
  });

  it('are refused for more folds than they are enough for, with how many there may be', () => {
    const data = { symbol: 'BTC-SIM', rows: 43_200, windowLength: 64, horizon: 15, sequenceLength: 319, warmupRows: 199 };
    for (const kind of FOLD_KINDS) {
      const error = refusal({ kind, folds: 1000 }, data);
      expect(error).toMatchObject({ code: 'too-few-rows', hint: expect.stringMatching(/give --folds \d+ or fewer/) as string });
      const most = Number(/2 to (\d+) folds/.exec(error!.message)![1]);
      expect([refusal({ kind, folds: most }, data), refusal({ kind, folds: most + 1 }, data)?.name]).toEqual([undefined, 'InputError']);
      // Every fold of as many as are allowed has a sequence to learn from and to choose by, and windows to be judged on.
      for (let fold = 1; fold <= most; fold++) {
        const { train, validation, heldOut } = exampleRanges(data.rows, { ...data, fold: { kind, folds: most, fold } });
        const longest = Math.max(...train.map(({ from, to }) => to - Math.max(from, data.warmupRows)));
        expect(Math.min(longest, validation.to - validation.from)).toBeGreaterThanOrEqual(data.sequenceLength);
        expect(heldOut!.to - heldOut!.from).toBeGreaterThanOrEqual(data.windowLength + data.horizon);
      }
    }
    expect(refusal({ kind: 'walk-forward', folds: 2 }, { ...data, rows: 500 })?.message).toBe('2 walk-forward folds: the 500 rows of BTC-SIM are too few for any folds of a model that sees 64 rows');
  });

  it('no part reaches into another, by a window or an outcome, and none into the test split', () => {
    const options = fc.record({ rows: fc.integer({ min: 10_000, max: 50_000 }), windowLength: fc.integer({ min: 2, max: 60 }), horizon: fc.integer({ min: 1, max: 20 }), kind: fc.constantFrom(...FOLD_KINDS), folds: fc.integer({ min: 2, max: 6 }), at: fc.nat() });
    fc.assert(fc.property(options, ({ rows, windowLength, horizon, kind, folds, at }) => {
      const { train, validation, heldOut } = exampleRanges(rows, { windowLength, horizon, fold: { kind, folds, fold: 1 + (at % folds) } });
      const parts = [...train, validation, heldOut!].sort((one, other) => one.from - other.from);
      // Windows and outcomes lie within their range: disjoint ranges share no row, and an outcome that lies
      // `horizon` rows on is known before the next part begins.
      parts.slice(1).forEach((part, index) => expect(part.from).toBeGreaterThanOrEqual(parts[index].to));
      const before = parts.filter((part) => part.to <= heldOut!.from);
      for (const part of before) expect(heldOut!.from - part.to).toBeGreaterThanOrEqual(horizon);
      for (const part of parts.filter(({ from }) => from >= heldOut!.to)) expect(part.from - heldOut!.to).toBeGreaterThanOrEqual(horizon + windowLength);
      expect(parts.at(-1)!.to).toBeLessThanOrEqual(splitRows(rows, 0).validation.to);
      expect(parts.every(({ from, to }) => from < to)).toBe(true);
    }));
  });
});
