import type { Evaluation, GroupFigures, TradeGroup, TradeSimulation } from '../../evaluation/evaluation.js';
import { absent, count, decimal, money, percent, percentInterval } from '../../number-text.js';
import { breakEvenText } from '../break-even-text.js';
import { facts, table, type Head } from './elements.js';
import { explained } from './explanations.js';
import { html, type Html } from './html.js';

const number = (text: string): Head => ({ text, number: true });

/** Accuracy, calibration and skill: every figure of the classification with what belongs beside it. */
export function figuresTable(evaluation: Evaluation): Html {
  const { classification, accuracyInterval, effectiveSamples, windows, baselines, calibration, coverageAtGate } = evaluation;
  return facts([
    [explained('accuracy'), html`<b>${percent(classification.accuracy, 2)}</b> ${percentInterval(accuracyInterval, 2)}`],
    ['windows', count(windows)],
    [explained('effective'), count(effectiveSamples)],
    [explained('baseline', 'baseline, majority'), percent(baselines.majorityAccuracy, 2)],
    [explained('baseline', 'baseline, persistence'), percent(baselines.persistenceAccuracy, 2)],
    [explained('break-even'), breakEvenText(evaluation, 2)],
    [explained('calibration'), html`<b>${percent(calibration.error, 2)}</b>`],
    [explained('noise-floor'), percent(calibration.noiseFloor, 2)],
    [explained('noise-floor', 'calibration error, debiased'), html`${percent(calibration.debiased.value, 2)} ${percentInterval(calibration.debiased.interval, 2)}`],
    [explained('coverage'), percent(coverageAtGate)],
    [explained('auc'), decimal(classification.auc, 4)],
    [explained('brier-skill', 'Brier score'), decimal(classification.brier, 4)],
    [explained('brier-skill', 'Brier skill'), decimal(baselines.brierSkill, 4)],
    [explained('log-loss'), decimal(classification.logLoss, 4)],
    ['precision', percent(classification.precision, 2)],
    ['recall', percent(classification.recall, 2)],
    ['F1', decimal(classification.f1, 4)],
    ['went up (base rate)', percent(classification.baseRate, 2)],
  ]);
}

export function reliabilityNumbers({ calibration }: Evaluation): Html {
  return table(
    'Ten bins of equal width',
    [{ text: 'probability' }, number('windows'), number('said, mean'), number('went up'), number('difference')],
    calibration.bins.map((bin) =>
      bin.windows === 0
        ? [binText(bin), '0', '-', '-', '-']
        : [binText(bin), count(bin.windows), percent(bin.meanProbability), percent(bin.shareUp), percent(bin.shareUp - bin.meanProbability)],
    ),
  );
}

const binText = ({ low, high }: { readonly low: number; readonly high: number }): string => `${decimal(low, 1)} to ${decimal(high, 1)}`;

export function coverageNumbers({ coverage }: Evaluation): Html {
  return table(
    'The most confident windows',
    [number('kept'), number('windows'), number('confidence from'), number('accuracy')],
    thinned(coverage).map((point) => [percent(point.coverage), count(point.windows), decimal(point.confidence), percent(point.accuracy)]),
  );
}

/** About one point to every twentieth of the windows, and always the last one, which holds them all. */
function thinned(points: Evaluation['coverage']): Evaluation['coverage'] {
  let next = 0;
  return points.filter((point, index) => {
    if (point.coverage < next && index < points.length - 1) return false;
    next = Math.max(next + 0.05, point.coverage + 0.025);
    return true;
  });
}

/** Tiers, sessions or months: accuracy of all windows in each. */
export function groupTable(caption: string, groups: readonly GroupFigures[]): Html {
  return table(
    caption,
    [{ text: '' }, number('windows'), number('accuracy'), number('95 %'), number('went up'), number('calib. error')],
    groups.map((group) => [
      groupName(group.name), count(group.windows), percent(group.accuracy), percentInterval(group.interval), percent(group.baseRate), percent(group.calibrationError),
    ]),
  );
}

/** Long and short (`both`) and long only side by side, what they would need to break even, then each by tier and by session. */
export function tradeTables(evaluation: Evaluation): Html {
  const { trades: { original, both }, breakEven } = evaluation;
  const row = (name: string, text: (trades: TradeSimulation) => string) => [name, text(both), text(original)];
  return html`${table(
    'Simulated trades after costs',
    [{ text: '' }, number('long and short'), number('long only')],
    [
      row('trades', ({ trades }) => count(trades)),
      row('won', ({ winRate }) => percent(winRate)),
      row('net return', ({ netReturn }) => percent(netReturn, 2)),
      row('total result', ({ totalPnl }) => money(totalPnl, 2)),
      row('result per trade', ({ meanPnl }) => money(meanPnl, 4)),
      row('final balance', ({ finalBalance }) => money(finalBalance, 2)),
      row('greatest drawdown', ({ maxDrawdown }) => percent(maxDrawdown, 2)),
      row('mean drawdown', ({ meanDrawdown }) => percent(meanDrawdown, 2)),
      row('Sharpe ratio (see its limits)', ({ sharpe }) => decimal(sharpe, 2)),
      ...(evaluation.deflatedSharpe === undefined ? [] : [[`deflated Sharpe, ${count(evaluation.deflatedSharpe.trials)} ${evaluation.deflatedSharpe.trials === 1 ? 'try' : 'tries'}`, percent(evaluation.deflatedSharpe.probability), '']]),
      row('Brier score of the trades', ({ brier }) => decimal(brier, 4)),
      row("original's tier error", ({ tierCalibrationError }) => percent(tierCalibrationError)),
      ...(hasLatency(both) || hasLatency(original)
        ? [
            row('90 % of decisions within', ({ latency }) => (latency === undefined ? absent : `${decimal(latency.p90Ms, 0)} ms`)),
            row('result, late trades penalised', ({ latencyPenalisedPnl }) => money(latencyPenalisedPnl, 2)),
          ]
        : []),
    ],
  )}<div>${
    breakEven &&
    table(
      'What costs ask for, long and short',
      [{ text: '' }, number('')],
      [
        ['mean move from decision to outcome', `${decimal(breakEven.meanMoveBps, 1)} bps`],
        ['mean cost of a trade', `${decimal(breakEven.meanCostBps, 1)} bps`],
        ['accuracy that breaks even', breakEvenText(evaluation)],
        ['accuracy of the traded windows', percent(breakEven.tradedAccuracy)],
      ],
    )
  }${tradeGroups('Trades by tier', original.byTier, both.byTier)}${tradeGroups('Trades by session of entry', original.bySession, both.bySession)}</div>`;
}

/** Without measured latencies the simulation takes 0 ms for all: no order takes that, and nothing was late. */
function hasLatency({ latency }: TradeSimulation): boolean {
  return latency !== undefined && latency.meanMs > 0;
}

function tradeGroups(caption: string, longOnly: readonly TradeGroup[], both: readonly TradeGroup[]): Html | undefined {
  const rows = both.flatMap((group) => {
    const long = longOnly.find(({ name }) => name === group.name);
    return [['both', group] as const, ...(long === undefined ? [] : [['long', long] as const])];
  });
  if (rows.length === 0) return undefined;
  return table(
    caption,
    [{ text: '' }, { text: 'side' }, number('trades'), number('won'), number('total result'), number('per trade')],
    rows.map(([side, group]) => [
      groupName(group.name), side, count(group.trades), percent(group.winRate), money(group.totalPnl, 2), money(group.meanPnl, 4),
    ]),
  );
}

/** `new_york` as people write it. */
function groupName(name: string): string {
  return name.replaceAll('_', ' ');
}
