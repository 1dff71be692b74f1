import type { Gates } from '../../evaluation/evaluation.js';
import type { EpochRecord } from '../../training/training-result.js';
import type { ValidationFigures } from './train-model.js';

/** What a failed trial's validation figures say is wrong with it. */
export type Diagnosis = 'passes' | 'no-skill' | 'over-fit' | 'under-fit' | 'miscalibrated' | 'below-gate';

export interface TrialFigures {
  readonly best: EpochRecord;
  readonly curve: readonly EpochRecord[];
  readonly validation: readonly ValidationFigures[];
}

/** Nats by which the loss on validation may exceed that on training before the model counts as over-fitted. */
const OVERFIT_GAP = 0.02;
/** A loss that fell by more than this share in its last epoch had not arrived. */
const STILL_FALLING = 0.002;
/** Standard errors by which an accuracy must exceed its baseline to count as skill. */
const SKILL_ERRORS = 2;

/**
 * Says what to answer: gates first, then skill (accuracy clearly above the baseline; windows overlap, so that one in
 * `horizon` counts), then whether it learnt too much or too little.
 */
export function diagnose({ best, curve, validation }: TrialFigures, gates: Gates, horizon: number): Diagnosis {
  if (validation.every(({ accuracy, calibrationError }) => accuracy >= gates.accuracy && calibrationError <= gates.calibration)) return 'passes';
  const worst = validation.reduce((least, each) => (each.accuracy - each.baseline < least.accuracy - least.baseline ? each : least));
  const independent = Math.max(1, worst.windows / horizon);
  if (worst.accuracy - worst.baseline < SKILL_ERRORS * Math.sqrt(0.25 / independent)) return best.trainingLoss < best.validationLoss - OVERFIT_GAP ? 'over-fit' : 'no-skill';
  if (worst.accuracy >= gates.accuracy) return 'miscalibrated';
  if (best.validationLoss - best.trainingLoss > OVERFIT_GAP) return 'over-fit';
  const [before, last] = curve.slice(-2);
  if (last !== undefined && best.epoch === last.epoch && before !== undefined && before.validationLoss - last.validationLoss > STILL_FALLING * last.validationLoss) return 'under-fit';
  return 'below-gate';
}

/** For a person. */
export const DIAGNOSIS_TEXT: Readonly<Record<Diagnosis, string>> = {
  passes: 'both gates pass on validation',
  'no-skill': 'not clearly better than its baseline',
  'over-fit': 'learnt its training rows by heart: their loss is clearly lower than on validation',
  'under-fit': 'had not arrived: its loss was still falling at the last epoch',
  miscalibrated: 'accurate enough, but its probabilities are off',
  'below-gate': 'has skill, but not enough for the accuracy gate',
};
