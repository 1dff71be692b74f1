import { InputError } from '../errors.js';
import { computeBaselines } from './baselines.js';
import { bootstrapAccuracy } from './bootstrap.js';
import { breakEven as computeBreakEven } from './break-even.js';
import { calibrationNoiseFloor } from './calibration-noise-floor.js';
import { calibrationError, reliabilityBins } from './calibration.js';
import { checkScored } from './check-scored.js';
import { classify, correctness } from './classification.js';
import { accuracyByCoverage } from './coverage.js';
import { debiasedCalibration } from './debiased-calibration.js';
import type { Evaluation, TradeSimulation } from './evaluation.js';
import { groupFigures } from './groups.js';
import { deflatedSharpe } from './deflated-sharpe.js';
import { createRandom } from '../random.js';
import type { ScoredWindows } from './scored-windows.js';
import { sortedOrder } from './sorted-order.js';
import { simulateTrades } from './trades.js';

export interface EvaluateOptions {
  /** For `coverageAtGate`; 0.68 by default. */
  readonly accuracyGate?: number;
  /** bps, 12 by default. */
  readonly spreadBps?: number;
  /** bps, 3 by default. */
  readonly slippageBps?: number;
  /** Of the bootstrap: the same seed gives the same figures. 1 by default. */
  readonly seed?: number;
  /** Of the bootstrap, 2,000 by default. */
  readonly resamples?: number;
  /** Tries the model was chosen from, where they are on record. */
  readonly trials?: number | undefined;
}

/** Streams of the seed: one a figure, so that none moves when another is computed or not. */
export const STREAMS = { accuracy: 1, calibration: 2, pooled: 3, shuffledLabels: 4, paired: 5 } as const;

/**
 * Everything that can be said of one model from its scored windows.
 * @throws InputError what `checkScored` throws, and `bad-option` for a gate outside 0 to 1, a negative cost or fewer than
 * 100 resamples.
 */
export function evaluateWindows(scored: ScoredWindows, options: EvaluateOptions = {}): Evaluation {
  const { accuracyGate = 0.68, spreadBps = 12, slippageBps = 3, seed = 1, resamples = 2000 } = options;
  checkScored(scored);
  requireOption('accuracyGate', accuracyGate, accuracyGate >= 0 && accuracyGate <= 1, 'from 0 to 1');
  requireOption('spreadBps', spreadBps, spreadBps >= 0 && spreadBps < 10_000, 'from 0 to below 10,000');
  requireOption('slippageBps', slippageBps, slippageBps >= 0 && slippageBps < 10_000, 'from 0 to below 10,000');
  requireOption('seed', seed, Number.isSafeInteger(seed), 'a whole number');
  requireResamples(resamples);

  const { probability, label, time, horizon } = scored;
  const windows = label.length;
  const order = sortedOrder(probability);
  const correct = correctness(probability, label);
  const uncertainty = bootstrapAccuracy(correct, { horizon, resamples, random: createRandom(seed, STREAMS.accuracy) });
  const coverage = accuracyByCoverage(probability, correct, accuracyGate);
  const costs = { spreadBps, slippageBps };
  const breakEven = computeBreakEven(scored, costs);
  const both = simulateTrades(scored, { sides: 'both', ...costs });
  return {
    windows,
    from: time[0],
    to: time[windows - 1],
    classification: classify(probability, label, { order }),
    baselines: computeBaselines(scored),
    accuracyInterval: uncertainty.interval,
    effectiveSamples: uncertainty.effectiveSamples,
    blockLength: uncertainty.blockLength,
    calibration: {
      error: calibrationError(probability, label),
      bins: reliabilityBins(probability, label),
      debiased: debiasedCalibration(probability, label, { horizon, resamples, order, random: createRandom(seed, STREAMS.calibration) }),
      noiseFloor: calibrationNoiseFloor(probability, label, horizon),
    },
    coverage: coverage.points,
    ...(coverage.coverageAtGate === undefined ? {} : { coverageAtGate: coverage.coverageAtGate }),
    trades: {
      original: simulateTrades(scored, { sides: 'original', ...costs }),
      both,
    },
    ...luckOf(both, options.trials, uncertainty.effectiveSamples / windows),
    ...(breakEven?.accuracy === undefined ? {} : { breakEvenAccuracy: breakEven.accuracy }),
    ...(breakEven === undefined ? {} : { breakEven }),
    ...groupFigures(scored, correct, uncertainty.blockLength),
  };
}

/** @param independent share of windows that count as independent */
function luckOf({ trades, returnShape }: TradeSimulation, trials: number | undefined, independent: number): Pick<Evaluation, 'deflatedSharpe'> {
  const independentTrades = trades * independent;
  if (trials === undefined || returnShape === undefined || independentTrades < 2) return {};
  // The tries' own Sharpe ratios are not known: none of them saw the test rows. Without skill they scatter as estimates do.
  const variance = 1 / (independentTrades - 1);
  return { deflatedSharpe: { trials, independentTrades, probability: deflatedSharpe({ ...returnShape, returns: independentTrades }, { trials, variance }) } };
}

export function requireResamples(resamples: number): void {
  requireOption('resamples', resamples, Number.isInteger(resamples) && resamples >= 100, 'a whole number from 100 on');
}

function requireOption(name: string, value: number, valid: boolean, wanted: string): void {
  if (!valid) throw new InputError(`${name} is ${value}`, { code: 'bad-option', hint: `give ${name} ${wanted}` });
}
