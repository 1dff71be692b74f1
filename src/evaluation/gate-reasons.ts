import { count, decimal, percent, percentsApart } from '../number-text.js';
import { clearlyAbove } from './baselines.js';
import type { CheckNotRun, Evaluation, GateChecks, Gates, Interval, ShuffledLabelsCheck } from './evaluation.js';

function range({ low, high }: Interval): string {
  return `95 % interval ${decimal(low * 100, 1)} to ${percent(high)}`;
}

export function accuracyReasons(evaluation: Evaluation, gates: Gates): string[] {
  const { accuracyInterval: interval, windows, effectiveSamples } = evaluation;
  const { accuracy } = evaluation.classification;
  const passed = accuracy >= gates.accuracy;
  const [value, gate] = percentsApart(accuracy, gates.accuracy);
  const size = `${count(windows)} windows, worth ${count(effectiveSamples)} independent ones`;
  const reasons = [`Accuracy ${value} ${passed ? 'reaches' : 'misses'} the gate of ${gate} (${range(interval)}; ${size}).`];
  if (passed && interval.low < gates.accuracy) reasons.push('The interval reaches below the gate: on other data of this size it may fail.');
  if (!passed && interval.high >= gates.accuracy) reasons.push('The gate lies within the interval: more data may decide otherwise.');
  return [...reasons, ...baselineReasons(evaluation)];
}

/** Each of the two baselines that accuracy is not clearly above; only the first, the majority, makes a pass a suspect. */
function baselineReasons(evaluation: Evaluation): string[] {
  const { accuracy } = evaluation.classification;
  const { majorityAccuracy, persistenceAccuracy } = evaluation.baselines;
  const reason = (name: string, reached: number | undefined): string[] => {
    if (reached === undefined || clearlyAbove(evaluation, reached)) return [];
    const [own, baseline] = percentsApart(accuracy, reached);
    if (accuracy < reached) return [`Accuracy ${own} is below the baseline of ${baseline} ("${name}"): no model at all does better.`];
    return [`Accuracy is not clearly above the baseline of ${baseline} ("${name}"): the interval reaches down to it.`];
  };
  return [...reason('always the same answer', majorityAccuracy), ...reason('it goes on as it went', persistenceAccuracy)];
}

export function calibrationReasons(evaluation: Evaluation, gates: Gates, fewestWindows: number): string[] {
  const { error, debiased, noiseFloor } = evaluation.calibration;
  const [value, gate] = percentsApart(error, gates.calibration);
  const beside = `debiased ${percent(debiased.value)}, ${range(debiased.interval)}; a perfectly calibrated model would show about ${percent(noiseFloor)} here`;
  if (evaluation.windows < fewestWindows) {
    return [`${count(evaluation.windows)} windows are too few for the calibration gate, which needs ${count(fewestWindows)}: error ${value}, gate ${gate} (${beside}).`];
  }
  const reasons = [`Calibration error ${value} ${error <= gates.calibration ? 'is within' : 'exceeds'} the gate of ${gate} (${beside}).`];
  if (noiseFloor >= gates.calibration) reasons.push('Chance alone makes an error as large as the gate at this size: evaluate more data.');
  return reasons;
}

export function breakEvenReasons({ breakEven, trades }: Evaluation): string[] {
  if (breakEven === undefined) return ['No window was confident enough to trade, so costs were not tested.'];
  const { accuracy, tradedAccuracy, meanMoveBps, meanCostBps } = breakEven;
  const reasons: string[] = [];
  const means = `mean move ${meanMoveBps.toFixed(1)} bps, cost ${meanCostBps.toFixed(1)} bps`;
  if (accuracy === undefined) reasons.push(`No accuracy would break even after costs (${means}).`);
  else if (tradedAccuracy < accuracy) {
    const [needed, reached] = percentsApart(accuracy, tradedAccuracy);
    reasons.push(`Break-even after costs needs ${needed} of the trades to be right, and ${reached} were (${means}).`);
  }
  if (trades.both.netReturn < 0) reasons.push(`The simulated trades lose ${percent(-trades.both.netReturn, 2)} of the balance.`);
  return reasons;
}

export function leakReason(accuracyPassed: boolean): string {
  const what = 'LEAKY: the features could see up to 59 minutes of the future';
  return accuracyPassed ? `${what}, so a pass proves nothing: look at the same model on causal features.` : `${what}, and it still does not pass.`;
}

export function checkReasons({ shuffledLabels, barLag }: GateChecks): string[] {
  const reasons: string[] = [];
  if (shuffledLabels === undefined || 'notRun' in shuffledLabels) reasons.push(notRun('shuffled-label', shuffledLabels));
  else {
    const { suspect } = shuffledLabels;
    const result = shiftsText(shuffledLabels);
    reasons.push(suspect ? `Shuffled labels do as well too often (${result}, at most 0.010 would do).` : `Shuffled labels do not do as well (${result}).`);
  }
  if (barLag === undefined || 'notRun' in barLag) reasons.push(notRun('one-bar-lag', barLag));
  else {
    const { accuracy, laggedAccuracy, edgeLost, suspect } = barLag;
    const kept = edgeLost <= 0 ? 'loses none' : `loses ${percent(edgeLost, 0)}`;
    const result = `one bar later it ${kept} of its edge over always saying the same (${percent(accuracy)} becomes ${percent(laggedAccuracy)})`;
    reasons.push(suspect ? `Too much rests on the last candle: ${result}, half would do.` : `It does not rest on the last candle: ${result}.`);
  }
  return reasons;
}

/** `p = 0.001 over 1,000 shifts`. */
export function shiftsText({ pValue, shifts }: ShuffledLabelsCheck): string {
  return `p = ${decimal(pValue)} over ${count(shifts)} shifts`;
}

function notRun(check: string, outcome: CheckNotRun | undefined): string {
  return `The ${check} check was not run${outcome === undefined ? '' : `: ${outcome.notRun}`}.`;
}

export function publishedReason(cleared: boolean): string {
  const published = 'Published work puts the 15-minute direction of crypto from candles at 51 to 55 %, so a pass is first of all a suspect';
  return cleared ? `${published}; the look-ahead, shuffled-label and one-bar-lag checks have cleared this one.` : `${published} until the look-ahead, shuffled-label and one-bar-lag checks have cleared it.`;
}
