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
  const means = WINDOWS.map(() => new Float64Array(rows));
  const ratios = WINDOWS.map(() => new Float64Array(rows));
  const [sma_7, sma_14, sma_21, sma_50] = means;
  const [price_sma_7_ratio, price_sma_14_ratio, price_sma_21_ratio, price_sma_50_ratio] = ratios;
  headMeans(close, means, ratios);
  const sevens = sumsOfSeven(close);
  for (let i = LONGEST - 1; i < rows; i++) {
    const price = close[i];
    const sum7 = sevens[i];
    const sum14 = sum7 + sevens[i - 7];
    const sum21 = sum14 + sevens[i - 14];
    const older28 = sevens[i - 21] + sevens[i - 28] + (sevens[i - 35] + sevens[i - 42]);
    const sum50 = sum21 + older28 + close[i - 49];
    sma_7[i] = sum7 / 7;
    sma_14[i] = sum14 / 14;
    sma_21[i] = sum21 / 21;
    sma_50[i] = sum50 / 50;
    price_sma_7_ratio[i] = price / (sma_7[i] + EPSILON);
    price_sma_14_ratio[i] = price / (sma_14[i] + EPSILON);
    price_sma_21_ratio[i] = price / (sma_21[i] + EPSILON);
    price_sma_50_ratio[i] = price / (sma_50[i] + EPSILON);
  }
  return { sma_7, price_sma_7_ratio, sma_14, price_sma_14_ratio, sma_21, price_sma_21_ratio, sma_50, price_sma_50_ratio };
}

/** The rows before the longest window is full. */
function headMeans(close: Float64Array, means: readonly Float64Array[], ratios: readonly Float64Array[]): void {
  for (let i = 0; i < Math.min(LONGEST - 1, close.length); i++) {
    let sum = 0;
    let age = 0;
    WINDOWS.forEach((window, w) => {
      const count = Math.min(i + 1, window);
      for (; age < count; age++) sum += close[i - age];
      means[w][i] = sum / count;
      ratios[w][i] = close[i] / (means[w][i] + EPSILON);
    });
  }
}

/** Sum of the last 7 values, from row 6 on. */
function sumsOfSeven(x: Float64Array): Float64Array {
  const sums = new Float64Array(x.length);
  for (let i = 6; i < x.length; i++) sums[i] = x[i] + x[i - 1] + x[i - 2] + x[i - 3] + x[i - 4] + x[i - 5] + x[i - 6];
  return sums;
}
