import type { Baselines, Evaluation } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';

/** Whether the whole interval of accuracy lies above what a baseline reaches. */
export function clearlyAbove({ accuracyInterval }: Pick<Evaluation, 'accuracyInterval'>, baseline: number): boolean {
  return accuracyInterval.low > baseline;
}

/** What a forecaster without a model reaches: a model is worth what it adds to the better of the two. */
export function computeBaselines(scored: Pick<ScoredWindows, 'label' | 'probability' | 'entry' | 'previous'>): Baselines {
  const { label, probability, entry, previous } = scored;
  const windows = label.length;
  let ups = 0;
  let squaredError = 0;
  let persistenceWindows = 0;
  let persistenceRight = 0;
  for (let index = 0; index < windows; index += 1) {
    const up = label[index];
    ups += up;
    squaredError += (probability[index] - up) ** 2;
    const before = previous[index];
    if (Number.isNaN(before)) continue;
    persistenceWindows += 1;
    // A tie is a "no", as in the label.
    if ((entry[index] > before ? 1 : 0) === up) persistenceRight += 1;
  }
  const baseRate = ups / windows;
  const majorityAccuracy = Math.max(baseRate, 1 - baseRate);
  const persistenceAccuracy = persistenceWindows === 0 ? undefined : persistenceRight / persistenceWindows;
  // The Brier score of always saying the base rate.
  const uncertainty = baseRate * (1 - baseRate);
  return {
    majorityAccuracy,
    ...(persistenceAccuracy === undefined ? {} : { persistenceAccuracy }),
    best: Math.max(majorityAccuracy, persistenceAccuracy ?? 0),
    ...(uncertainty === 0 ? {} : { brierSkill: 1 - squaredError / windows / uncertainty }),
  };
}
