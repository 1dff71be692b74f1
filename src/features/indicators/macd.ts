import type { NamedColumns } from '../named-columns.js';
import { exponentialStep } from './exponential-mean.js';

const FAST = 12;
const SLOW = 26;
const SIGNAL = 9;
const alphaOf = (span: number): number => 2 / (span + 1);

/**
 * Moving average convergence divergence of close: EMA12 - EMA26 (from row 25 on), its EMA9 (seeded with the first one
 * shown, from row 33 on) and the difference. NaN before.
 */
export function macd(close: Float64Array): NamedColumns {
  const rows = close.length;
  const macd = new Float64Array(rows).fill(NaN, 0, SLOW - 1);
  const macd_signal = new Float64Array(rows).fill(NaN, 0, SLOW + SIGNAL - 2);
  const macd_diff = new Float64Array(rows).fill(NaN, 0, SLOW + SIGNAL - 2);
  const fastAlpha = alphaOf(FAST);
  const slowAlpha = alphaOf(SLOW);
  const signalAlpha = alphaOf(SIGNAL);
  let fast = rows > 0 ? close[0] : 0;
  let slow = fast;
  let signal = 0;
  for (let i = 0; i < rows; i++) {
    fast = exponentialStep(fast, close[i], fastAlpha);
    slow = exponentialStep(slow, close[i], slowAlpha);
    if (i < SLOW - 1) continue;
    const difference = fast - slow;
    macd[i] = difference;
    signal = i === SLOW - 1 ? difference : exponentialStep(signal, difference, signalAlpha);
    if (i < SLOW + SIGNAL - 2) continue;
    macd_signal[i] = signal;
    macd_diff[i] = difference - signal;
  }
  return { macd, macd_signal, macd_diff };
}
