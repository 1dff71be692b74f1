import { InputError } from '../errors.js';
import type { BarLagCheck, CheckNotRun } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';

const MOST_EDGE_LOST = 0.5;

/**
 * What is left when the model sees everything one row later: windows that end at t - 1, judged by the label at t. The
 * outcome is a horizon away, so an honest model loses about one part in fifteen; one that loses more than half of its
 * edge lives on the last candle alone: on a look-ahead, or on a price nobody could trade at.
 *
 * The edge is the one over always the same answer. The persistence baseline would not do: it reads the last candle
 * itself, and a model that is just better than it has an edge of next to nothing to lose.
 * @param lagged P(up) of the window that ends one row before each of `scored`, `[windows]`; NaN where there is none
 * (the first window, after a gap): those are left out on both sides.
 * @throws InputError `length-mismatch`.
 */
export function barLag(scored: ScoredWindows, lagged: Float64Array): BarLagCheck | CheckNotRun {
  if (lagged.length !== scored.label.length) {
    throw new InputError(`${lagged.length} lagged probabilities for ${scored.label.length} windows of ${scored.symbol}`, {
      code: 'length-mismatch',
      hint: 'give one lagged probability a window, NaN where there is none',
    });
  }
  const both = (_: number, index: number): boolean => !Number.isNaN(lagged[index]);
  const label = scored.label.filter(both);
  if (label.length === 0) return { notRun: 'no window has one that ends a row earlier' };
  const probability = scored.probability.filter(both);
  const baseRate = label.reduce((sum, value) => sum + value, 0) / label.length;
  const baseline = Math.max(baseRate, 1 - baseRate);
  const accuracy = shareRight(probability, label);
  const laggedAccuracy = shareRight(lagged.filter(both), label);
  if (accuracy <= baseline) return { notRun: 'accuracy is no better than always the same answer, so there is no edge to lose' };
  const edgeLost = 1 - (laggedAccuracy - baseline) / (accuracy - baseline);
  return { accuracy, laggedAccuracy, baseline, edgeLost, suspect: edgeLost > MOST_EDGE_LOST };
}

function shareRight(probability: Float64Array, label: Uint8Array): number {
  let right = 0;
  for (let index = 0; index < label.length; index += 1) right += (probability[index] >= 0.5 ? 1 : 0) === label[index] ? 1 : 0;
  return right / label.length;
}

/**
 * The lagged probabilities without scoring anything again: the window that ends one row earlier is the one before, if
 * the two ends are neighbours. NaN where they are not, and for the first window.
 * @param ends row each window ends at, `[windows]`, strictly increasing.
 */
export function laggedProbability(probability: Float64Array, ends: Int32Array): Float64Array {
  return probability.map((_, window) => (window > 0 && ends[window] === ends[window - 1] + 1 ? probability[window - 1] : NaN));
}
