import { laggedProbability } from '../../evaluation/bar-lag.js';
import { ensembleProbability } from '../../evaluation/ensemble.js';
import { applyProbabilityCalibration, type ProbabilityCalibration } from '../../evaluation/probability-calibration.js';
import type { ScoredWindows } from '../../evaluation/scored-windows.js';
import type { ScoredSplit } from '../score-split.js';

/** How members become one: weighted mean, then calibration, then the conservative bias. */
export interface Mixture {
  readonly conservativeBias: number;
  readonly calibration?: ProbabilityCalibration;
}

/** The windows that all members have. */
export interface SharedWindows {
  /** Of the first member; outcome and prices are the same for all. */
  readonly scored: ScoredWindows;
  readonly decisionRows: Int32Array;
  /** P(up) by member, `[windows]` each. */
  readonly probabilities: readonly Float64Array[];
  /** Windows that one member has, and not all. */
  readonly left: number;
}

/** P(up) of the mixture, `[windows]`. Weights are renormalised. */
export function mixProbabilities(members: readonly { readonly name: string; readonly weight: number; readonly probability: Float64Array }[], { calibration, conservativeBias }: Mixture): Float64Array {
  const mean = ensembleProbability(members);
  const probability = calibration === undefined ? mean : applyProbabilityCalibration(calibration, mean);
  return ensembleProbability([{ name: 'the mixture', weight: 1, probability }], conservativeBias);
}

/** Members meet at their decision rows: each has its own window length and embargo. */
export function shareWindows(splits: readonly ScoredSplit[]): SharedWindows {
  const seenBy = new Map<number, number>();
  for (const { decisionRows } of splits) for (const row of decisionRows) seenBy.set(row, (seenBy.get(row) ?? 0) + 1);
  const picks = splits.map(({ decisionRows }) => [...decisionRows.keys()].filter((index) => seenBy.get(decisionRows[index]) === splits.length));
  const [first] = splits;
  const decisionRows = Int32Array.from(picks[0], (index) => first.decisionRows[index]);
  return {
    scored: pickWindows(first.scored, picks[0]),
    decisionRows,
    probabilities: splits.map(({ scored }, member) => Float64Array.from(picks[member], (index) => scored.probability[index])),
    left: seenBy.size - decisionRows.length,
  };
}

function pickWindows({ symbol, horizon, ...arrays }: ScoredWindows, picks: readonly number[]): ScoredWindows {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(picks, (index) => values[index]);
  const { probability, label, time, entry, exit, previous } = arrays;
  return { symbol, horizon, probability: pick(probability), label: Uint8Array.from(picks, (index) => label[index]), time: pick(time), entry: pick(entry), exit: pick(exit), previous: pick(previous) };
}

/** Members' splits as the split of one model. Counts of dropped windows are of the member that dropped most. */
export function mixSplits(members: readonly { readonly name: string; readonly weight: number; readonly split: ScoredSplit }[], mixture: Mixture): ScoredSplit & { readonly left: number } {
  const splits = members.map(({ split }) => split);
  const shared = shareWindows(splits);
  const probability = mixProbabilities(members.map(({ name, weight }, index) => ({ name, weight, probability: shared.probabilities[index] })), mixture);
  const most = (of: (split: ScoredSplit) => number): number => Math.max(...splits.map(of));
  return {
    scored: { ...shared.scored, probability },
    decisionRows: shared.decisionRows,
    lagged: laggedProbability(probability, shared.decisionRows),
    embargo: most(({ embargo }) => embargo),
    incomplete: most(({ incomplete }) => incomplete),
    acrossGaps: most(({ acrossGaps }) => acrossGaps),
    engine: [...new Set(splits.map(({ engine }) => engine))].join(' + '),
    seconds: splits.reduce((sum, { seconds }) => sum + seconds, 0),
    left: shared.left,
  };
}
