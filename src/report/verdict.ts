import { clearlyAbove } from '../evaluation/baselines.js';
import { checkRan } from '../evaluation/gate.js';
import { count, percent, percentInterval, percentsApart } from '../number-text.js';
import type { ModelResult, RunResult } from './run-result.js';

/** Marks that go with a result wherever it is shown: what must not be missed beside its numbers. */
export function marks(model: ModelResult): string[] {
  const found: string[] = [];
  if (model.leaky) found.push('LEAKY');
  if (model.precision === 'int8') found.push('INT8');
  if (model.assumed.length > 0) found.push('ASSUMED');
  return found;
}

/** `accuracy 72.8 % [71.2, 74.3], calibration error 2.4 %`. */
export function headline({ evaluation, trials }: ModelResult): string {
  const accuracy = `accuracy ${percent(evaluation.classification.accuracy)} ${percentInterval(evaluation.accuracyInterval)}`;
  const tries = trials === undefined || trials < 2 ? '' : `, chosen from ${count(trials)} tries`;
  return `${accuracy}, calibration error ${percent(evaluation.calibration.error)}${tries}`;
}

/** Why the verdict is what it is, in one short line; the gate's own reasons tell all of it. */
export function why(model: ModelResult, gates: RunResult['gates']): string {
  switch (model.gate.verdict) {
    case 'PROMOTE':
      return `both gates pass, and look-ahead, shuffled labels and one-bar lag speak for it${persistenceCaveat(model)}`;
    case 'RETRAIN':
      return failures(model, gates).join(', and ') || (model.gate.reasons[0] ?? 'a gate failed');
    case 'SUSPECT':
      return [...objections(model), ...failures(model, gates)].join(', and ') || (model.gate.reasons[0] ?? 'the pass is not proven');
  }
}

function failures({ evaluation, gate }: ModelResult, gates: RunResult['gates']): string[] {
  const found: string[] = [];
  if (!gate.accuracyPassed) {
    const [value, needed] = percentsApart(evaluation.classification.accuracy, gates.accuracy);
    found.push(`accuracy ${value} misses the gate of ${needed}`);
  }
  if (!gate.calibrationPassed) {
    const [value, allowed] = percentsApart(evaluation.calibration.error, gates.calibration);
    const tooFew = evaluation.calibration.error <= gates.calibration;
    found.push(tooFew ? `${count(evaluation.windows)} windows are too few to judge calibration` : `calibration error ${value} exceeds the gate of ${allowed}`);
  }
  return found;
}

/** `; but not clearly better than persistence (72.6 %)`: the pass stands, the market may simply go on as it went. */
function persistenceCaveat({ evaluation }: ModelResult): string {
  const { persistenceAccuracy } = evaluation.baselines;
  if (persistenceAccuracy === undefined || clearlyAbove(evaluation, persistenceAccuracy)) return '';
  const worse = evaluation.classification.accuracy < persistenceAccuracy;
  return `; but ${worse ? 'worse' : 'not clearly better'} than persistence (${percent(persistenceAccuracy)})`;
}

/** What speaks against believing a pass: what makes `decideGate` suspect one. */
function objections({ leaky, seenInTraining, precision, checks, causalRescore, evaluation, gate }: ModelResult): string[] {
  const found: string[] = [];
  if (leaky) found.push(`its features see the future${causalRescore === undefined ? '' : ` (on causal ones accuracy is ${percent(causalRescore.accuracy)})`}`);
  if (seenInTraining === true) found.push('it was trained on rows that were scored');
  const { shuffledLabels, barLag } = checks;
  if (checkRan(shuffledLabels) && shuffledLabels.suspect) found.push('it does as well on shuffled labels');
  if (checkRan(barLag) && barLag.suspect) found.push(`${percent(barLag.edgeLost, 0)} of its edge is gone one bar later`);
  const { majorityAccuracy } = evaluation.baselines;
  if (!clearlyAbove(evaluation, majorityAccuracy)) found.push(`accuracy is not clearly above always the same answer (${percent(majorityAccuracy)})`);
  if (!gate.accuracyPassed || !gate.calibrationPassed) return found;
  if (!leaky && !(checkRan(shuffledLabels) && checkRan(barLag))) found.push('not every check was run');
  if (precision === 'int8') found.push('int8 only screens: run fp32');
  return found;
}
