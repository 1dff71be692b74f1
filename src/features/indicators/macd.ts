import type { Continuation } from '../feature-recipe.js';
import type { NamedColumns } from '../named-columns.js';
import { exponentialStep } from './exponential-mean.js';

const FAST = 12;
const SLOW = 26;
const SIGNAL = 9;
const alphaOf = (span: number): number => 2 / (span + 1);

/**
 * Moving average convergence divergence of close: EMA12 - EMA26 (from row 25 on), its EMA9 (seeded with the first one
 * shown, from row 33 on) and the difference. NaN before. With a continuation, whose state `macd` is `[rows, EMA12,
 * EMA26, EMA9]` after the row before, only rows from `firstRow` on are computed.
 */
export function macd(close: Float64Array, continuation?: Continuation, onState?: (macd: readonly number[]) => void): NamedColumns {
  const rows = close.length;
  const macd = new Float64Array(rows);
  const macd_signal = new Float64Array(rows);
  const macd_diff = new Float64Array(rows);
  const fastAlpha = alphaOf(FAST);
  const slowAlpha = alphaOf(SLOW);
  const signalAlpha = alphaOf(SIGNAL);
  const firstRow = continuation?.firstRow ?? 0;
  const start = close[0] ?? 0;
  const [before = 0, fastBefore = start, slowBefore = start, signalBefore = 0] = continuation?.state.macd ?? [];
  const firstDifference = firstRow + SLOW - 1 - before;
  const firstSignal = firstDifference + SIGNAL - 1;
  let fast = fastBefore;
  let slow = slowBefore;
  let signal = signalBefore;
  for (let i = firstRow; i < rows; i++) {
    fast = exponentialStep(fast, close[i], fastAlpha);
    slow = exponentialStep(slow, close[i], slowAlpha);
    if (i < firstDifference) continue;
    const difference = fast - slow;
    macd[i] = difference;
    signal = i === firstDifference ? difference : exponentialStep(signal, difference, signalAlpha);
    if (i < firstSignal) continue;
    macd_signal[i] = signal;
    macd_diff[i] = difference - signal;
  }
  const empty = (values: Float64Array, first: number): void => void values.fill(NaN, 0, Math.min(Math.max(first, firstRow), rows));
  empty(macd, firstDifference);
  empty(macd_signal, firstSignal);
  empty(macd_diff, firstSignal);
  onState?.([before + rows - firstRow, fast, slow, signal]);
  return { macd, macd_signal, macd_diff };
}
