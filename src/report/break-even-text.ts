import type { Evaluation } from '../evaluation/evaluation.js';
import { absent, percent } from '../number-text.js';

/** The accuracy at which the trades break even; `none` where the mean move is below the cost, `-` where nothing was traded. */
export function breakEvenText({ breakEven, breakEvenAccuracy }: Evaluation, digits = 1): string {
  if (breakEvenAccuracy !== undefined) return percent(breakEvenAccuracy, digits);
  return breakEven === undefined ? absent : 'none';
}
