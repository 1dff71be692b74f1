import { clearlyAbove } from './baselines.js';
import type { CheckNotRun, Evaluation, GateChecks, GateDecision, Gates } from './evaluation.js';
import { accuracyReasons, breakEvenReasons, calibrationReasons, checkReasons, leakReason, publishedReason } from './gate-reasons.js';

/** Below this the calibration error is mostly noise, and its gate fails. */
const FEWEST_WINDOWS = 1000;

export interface GateInput {
  readonly evaluation: Evaluation;
  readonly gates: Gates;
  /** The features could see the future. */
  readonly leaky: boolean;
  /** Rows that were scored were among those the model was trained on. */
  readonly seenInTraining?: boolean;
  readonly precision: 'fp32' | 'int8';
  readonly checks: GateChecks;
}

/** Whether a check gave a result. */
export function checkRan<Check extends object>(check: Check | CheckNotRun | undefined): check is Exclude<Check, CheckNotRun> {
  return check !== undefined && !('notRun' in check);
}

/**
 * Does the model pass, and is the pass to be believed?
 *
 * `PROMOTE`: both gates passed on their point values (the original's rule) and nothing speaks against it. `RETRAIN`: a
 * gate failed. `SUSPECT`: the accuracy gate passed and cannot be believed: the features leak, the model was trained on
 * rows that were scored, the interval of accuracy reaches down to what always the same answer gets (the majority
 * baseline), a check failed, or, when both gates passed, a check was not run or the precision is int8, which screens and
 * decides nothing. A pass that does not beat persistence stands, and says so: the market may be one in which
 * persistence is a good forecast.
 */
export function decideGate({ evaluation, gates, leaky, seenInTraining = false, precision, checks }: GateInput): GateDecision {
  const accuracyPassed = evaluation.classification.accuracy >= gates.accuracy;
  const enough = evaluation.windows >= FEWEST_WINDOWS;
  const calibrationPassed = enough && evaluation.calibration.error <= gates.calibration;
  const bothPassed = accuracyPassed && calibrationPassed;

  const { shuffledLabels, barLag } = checks;
  const checkFailed = (checkRan(shuffledLabels) && shuffledLabels.suspect) || (checkRan(barLag) && barLag.suspect);
  const cleared = checkRan(shuffledLabels) && checkRan(barLag) && !checkFailed && !leaky && !seenInTraining;
  const skilled = clearlyAbove(evaluation, evaluation.baselines.majorityAccuracy);
  const suspect =
    (accuracyPassed && (leaky || seenInTraining || checkFailed || !skilled)) || (bothPassed && (!cleared || precision === 'int8'));
  const passed = bothPassed && !suspect;

  return {
    accuracyPassed,
    calibrationPassed,
    passed,
    verdict: suspect ? 'SUSPECT' : passed ? 'PROMOTE' : 'RETRAIN',
    reasons: [
      ...(precision === 'int8' ? ['int8 is for screening and decides no gate: run again with --precision fp32.'] : []),
      ...accuracyReasons(evaluation, gates),
      ...calibrationReasons(evaluation, gates, FEWEST_WINDOWS),
      ...breakEvenReasons(evaluation),
      ...(leaky ? [leakReason(accuracyPassed)] : []),
      ...(seenInTraining ? ['Rows that were scored were among those the model was trained on: a pass says nothing about new data.'] : []),
      ...(accuracyPassed ? [...checkReasons(checks), publishedReason(cleared)] : []),
    ],
  };
}
