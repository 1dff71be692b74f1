import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

const WINDOWS = [7, 14, 21, 50] as const;
const LONGEST = 50;

/**
 * Simple moving averages of close over 7, 14, 21 and 50 rows (fewer at the head), and close over each.
 * The windows are laid out in sums of 7 rows from the newest back (50 = 7 x 7 + 1), each made once: no running sum, so
 * no drift, and a row depends on its own window alone.
 */
export function movingAverages(close: Float64Array): NamedColumns {
  const rows = close.length;
  const column = (): Float64Array => new Float64Array(rows);
  const [sma_7, sma_14, sma_21, sma_50] = [column(), column(), column(), column()];
  headMeans(close, [sma_7, sma_14, sma_21, sma_50]);
  const sevens = sumsOfSeven(close);
  for (let i = LONGEST - 1; i < rows; i++) {
    const sum14 = sevens[i] + sevens[i - 7];
    const sum21 = sum14 + sevens[i - 14];
    const older28 = sevens[i - 21] + sevens[i - 28] + sevens[i - 35] + sevens[i - 42];
    sma_7[i] = sevens[i] / 7;
    sma_14[i] = sum14 / 14;
    sma_21[i] = sum21 / 21;
    sma_50[i] = (sum21 + older28 + close[i - 49]) / 50;
  }
  return {
    sma_7,
    price_sma_7_ratio: ratioTo(sma_7, close),
    sma_14,
    price_sma_14_ratio: ratioTo(sma_14, close),
    sma_21,
    price_sma_21_ratio: ratioTo(sma_21, close),
    sma_50,
    price_sma_50_ratio: ratioTo(sma_50, close),
  };
}

/** The rows before the longest window is full. */
function headMeans(close: Float64Array, means: readonly Float64Array[]): void {
  for (let i = 0; i < Math.min(LONGEST - 1, close.length); i++) {
    let sum = 0;
    let age = 0;
    WINDOWS.forEach((window, w) => {
      const count = Math.min(i + 1, window);
      for (; age < count; age++) sum += close[i - age];
      means[w][i] = sum / count;
    });
  }
}

/** Sum of the last 7 values, from row 6 on. */
function sumsOfSeven(x: Float64Array): Float64Array {
  const sums = new Float64Array(x.length);
  for (let i = 6; i < x.length; i++) sums[i] = x[i] + x[i - 1] + x[i - 2] + x[i - 3] + x[i - 4] + x[i - 5] + x[i - 6];
  return sums;
}

function ratioTo(mean: Float64Array, close: Float64Array): Float64Array {
  const ratio = new Float64Array(close.length);
  for (let i = 0; i < close.length; i++) ratio[i] = close[i] / (mean[i] + EPSILON);
  return ratio;
}
