import type { NamedColumns } from '../named-columns.js';
import { exponentialStep } from './exponential-mean.js';

const WINDOW = 14;

/**
 * Relative strength index as `ta` 0.11 computes it: recursive means of gains and losses with alpha = 1/14, both 0 in
 * row 0; 100 where there was no loss (also where there was no gain). NaN in rows 0..12.
 */
export function rsi(close: Float64Array): NamedColumns {
  const rows = close.length;
  const rsi = new Float64Array(rows).fill(NaN, 0, WINDOW - 1);
  const alpha = 1 / WINDOW;
  let gain = 0;
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const change = i === 0 ? 0 : close[i] - close[i - 1];
    gain = exponentialStep(gain, Math.max(change, 0), alpha);
    loss = exponentialStep(loss, Math.max(-change, 0), alpha);
    if (i >= WINDOW - 1) rsi[i] = loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
  }
  return { rsi };
}
