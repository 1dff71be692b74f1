import type { Classification } from './evaluation.js';
import { sortedOrder } from './sorted-order.js';

/** About the epsilon of float64: a certain forecast that fails costs 36 nats, not infinity. */
const CLIP = 2.2e-16;

/** 1 where the model decides "up": p >= 0.5. `[windows]`. */
export function decisions(probability: Float64Array): Uint8Array {
  return Uint8Array.from(probability, (value) => (value >= 0.5 ? 1 : 0));
}

/** 1 where the decision was right, `[windows]`. */
export function correctness(probability: Float64Array, label: Uint8Array): Uint8Array {
  const correct = new Uint8Array(label.length);
  for (let index = 0; index < correct.length; index += 1) {
    correct[index] = (probability[index] >= 0.5 ? 1 : 0) === label[index] ? 1 : 0;
  }
  return correct;
}

export interface ClassifyOptions {
  /** `sortedOrder(probability)`, when the caller has it already. */
  readonly order?: Uint32Array;
}

/**
 * The figures of a yes-or-no forecast, decided at p >= 0.5.
 * Precision, recall and F1 are 0 where their denominator is 0, as scikit-learn has it.
 * @param probability P(up), `[windows]`, at least one.
 * @param label 0 or 1, `[windows]`.
 */
export function classify(probability: Float64Array, label: Uint8Array, options: ClassifyOptions = {}): Classification {
  const windows = label.length;
  let truePositives = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  let squaredError = 0;
  let logLoss = 0;
  for (let index = 0; index < windows; index += 1) {
    const p = probability[index];
    const up = label[index];
    if (p >= 0.5) {
      if (up === 1) truePositives += 1;
      else falsePositives += 1;
    } else if (up === 1) falseNegatives += 1;
    squaredError += (p - up) ** 2;
    logLoss += windowLogLoss(p, up);
  }
  const positives = truePositives + falseNegatives;
  const trueNegatives = windows - positives - falsePositives;
  const auc = areaUnderRoc(probability, label, options.order);
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives,
    accuracy: (truePositives + trueNegatives) / windows,
    precision: ratioOrZero(truePositives, truePositives + falsePositives),
    recall: ratioOrZero(truePositives, positives),
    f1: ratioOrZero(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    ...(auc === undefined ? {} : { auc }),
    brier: squaredError / windows,
    logLoss: logLoss / windows,
    baseRate: positives / windows,
  };
}

/** -log of the probability given to what happened, nats; `p` is kept off 0 and 1. */
export function windowLogLoss(p: number, up: number): number {
  const clipped = Math.min(Math.max(p, CLIP), 1 - CLIP);
  return -Math.log(up === 1 ? clipped : 1 - clipped);
}

function ratioOrZero(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/**
 * Area under the ROC curve by rank sums, (R1 - n1(n1 + 1)/2) / (n1 n0), ties at their average rank
 * (Mann and Whitney 1947). Undefined with one class only.
 */
export function areaUnderRoc(probability: Float64Array, label: Uint8Array, sorted?: Uint32Array): number | undefined {
  const order = sorted ?? sortedOrder(probability);
  const windows = label.length;
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < windows; ) {
    const value = probability[order[start]];
    let end = start;
    let positivesHere = 0;
    while (end < windows && probability[order[end]] === value) {
      positivesHere += label[order[end]];
      end += 1;
    }
    // Ranks count from 1: positions start..end-1 share the mean of start+1..end.
    rankSum += positivesHere * ((start + 1 + end) / 2);
    positives += positivesHere;
    start = end;
  }
  const negatives = windows - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
