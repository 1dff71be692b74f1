import { InputError } from '../errors.js';

/** Rows `from` up to, not including, `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface Split {
  readonly train: RowRange;
  readonly validation: RowRange;
  readonly test: RowRange;
  /** Rows dropped from the start of validation and of test. */
  readonly embargo: number;
}

/**
 * Chronological 70/15/15 split of all `rows` in integer arithmetic: train `[0, a)`, validation
 * `[a, b)`, test `[b, rows)`, a = floor(70 rows / 100), b = floor(85 rows / 100). The embargo drops the first rows of
 * validation and of test, so that no window or label of one part touches another; train, and the scaler fitted on it,
 * stay as they are.
 * @throws InputError `bad-embargo` when `embargo` is not a whole number >= 0
 */
export function splitRows(rows: number, embargo: number): Split {
  if (!Number.isInteger(embargo) || embargo < 0) {
    throw new InputError(`embargo must be a whole number of rows >= 0, not ${embargo}`, { code: 'bad-embargo', hint: 'the default is window length + horizon' });
  }
  const a = Math.floor((70 * rows) / 100);
  const b = Math.floor((85 * rows) / 100);
  return {
    train: { from: 0, to: a },
    validation: { from: Math.min(a + embargo, b), to: b },
    test: { from: Math.min(b + embargo, rows), to: rows },
    embargo,
  };
}
