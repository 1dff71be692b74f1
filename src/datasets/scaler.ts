import { InputError } from '../errors.js';
import type { RowRange } from './split.js';

/** z-score per column: `(x - mean) / std`. A column left unscaled has mean 0 and std 1. */
export interface Scaler {
  /** `[features]` */
  readonly mean: Float64Array;
  /** `[features]` */
  readonly std: Float64Array;
}

/** A standard deviation at or below this leaves its column unscaled (the original's scripts). */
const SMALLEST_STD = 1e-8;

/**
 * Fits one column's z-score on the training rows only, one range or several. NaN rows are skipped; the standard
 * deviation has ddof = 1.
 * @throws InputError `no-training-rows` when the column has fewer than two values in them
 */
export function fitColumn(name: string, column: Float64Array, train: RowRange | readonly RowRange[]): { readonly mean: number; readonly std: number } {
  const ranges = 'from' in train ? [train] : train;
  let count = 0;
  let sum = 0;
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) {
      const value = column[row];
      if (value === value) {
        count++;
        sum += value;
      }
    }
  }
  if (count < 2) {
    throw new InputError(`column ${name} has ${count} values in the ${ranges.reduce((rows, { from, to }) => rows + to - from, 0)} training rows; the scaler needs at least 2`, {
      code: 'no-training-rows',
      place: { column: name },
      hint: 'give more candles',
    });
  }
  const mean = sum / count;
  let squares = 0;
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) {
      const value = column[row];
      if (value === value) squares += (value - mean) * (value - mean);
    }
  }
  const std = Math.sqrt(squares / (count - 1));
  return std > SMALLEST_STD ? { mean, std } : { mean: 0, std: 1 };
}
