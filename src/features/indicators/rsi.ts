import type { Continuation } from '../feature-recipe.js';
import type { NamedColumns } from '../named-columns.js';
import { exponentialStep } from './exponential-mean.js';

const WINDOW = 14;

/**
 * Relative strength index as `ta` 0.11 computes it: recursive means of gains and losses with alpha = 1/14, both 0 in
 * row 0; 100 where there was no loss (also where there was no gain). NaN in rows 0..12. With a continuation, whose state
 * `rsi` is `[rows, gain, loss]` after the row before, only rows from `firstRow` on are computed.
 */
export function rsi(close: Float64Array, continuation?: Continuation, onState?: (rsi: readonly number[]) => void): NamedColumns {
  const rows = close.length;
  const rsi = new Float64Array(rows);
  const alpha = 1 / WINDOW;
  const firstRow = continuation?.firstRow ?? 0;
  const [before = 0, gainBefore = 0, lossBefore = 0] = continuation?.state.rsi ?? [];
  const missing = firstRow + Math.max(0, WINDOW - 1 - before);
  let gain = gainBefore;
  let loss = lossBefore;
  for (let i = firstRow; i < rows; i++) {
    const change = i === 0 ? 0 : close[i] - close[i - 1];
    gain = exponentialStep(gain, Math.max(change, 0), alpha);
    loss = exponentialStep(loss, Math.max(-change, 0), alpha);
    if (i >= missing) rsi[i] = loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
  }
  rsi.fill(NaN, 0, Math.min(missing, rows));
  onState?.([before + rows - firstRow, gain, loss]);
  return { rsi };
}
