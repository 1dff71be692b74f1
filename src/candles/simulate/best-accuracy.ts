import { InputError } from '../../errors.js';
import type { DriftProcess } from './drift-process.js';
import { driftFilter } from './drift-process.js';

/** The best that can be done about the direction over the horizon, each a share of right calls; 0.5 is a coin. */
export interface BestAccuracy {
  /** By one who is told the drift up to now. No model reaches it: candles do not show the drift. */
  readonly seeingTheDrift: number;
  /** By one who sees all candles so far and knows the process: the ceiling of any model. */
  readonly fromCandles: number;
}

/** Sums over the minutes a horizon covers, for each minute of the day the call is made in. */
interface HorizonSums {
  /** How the drift now adds up. */
  readonly drift: number;
  /** Variance per unit of noise and of drift variance. */
  readonly noiseVariance: number;
  readonly driftVariance: number;
}

/**
 * The best accuracies in closed form. The sum R of the next `horizon` returns and the best forecast m of it are jointly
 * Gaussian; where their correlation is r, the sign of m is right with probability 1/2 + arcsin(r)/π (Sheppard 1899).
 * The forecast is a multiple of the drift, or of the filter's estimate of it; highs, lows and volumes say no more, since
 * given open and close they do not depend on the drift. Averaged over the minutes of the day.
 */
export function bestAccuracy(process: DriftProcess, horizon: number, profile: Float64Array): BestAccuracy {
  return accuracyOf(process, horizonSums(process.persistence, horizon, profile));
}

/**
 * The process of unit variance whose best accuracy, seeing the drift, is `accuracy`.
 * @throws InputError `signal-out-of-reach`: a drift of this persistence cannot be forecast so well.
 */
export function processOfAccuracy(accuracy: number, persistence: number, horizon: number, profile: Float64Array): DriftProcess {
  const withShare = (share: number): DriftProcess => ({ persistence, driftVariance: share, noiseVariance: 1 - share });
  const sums = horizonSums(persistence, horizon, profile);
  const most = accuracyOf(withShare(1), sums).seeingTheDrift;
  if (!(accuracy >= 0.5 && accuracy < most)) {
    throw new InputError(`a best accuracy of ${accuracy} is out of reach`, {
      code: 'signal-out-of-reach',
      hint: `with this persistence it lies from 0.5 (no signal) to below ${most.toFixed(3)}`,
    });
  }
  if (accuracy === 0.5) return withShare(0);
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (accuracyOf(withShare(middle), sums).seeingTheDrift < accuracy) low = middle;
    else high = middle;
  }
  return withShare(high);
}

function horizonSums(persistence: number, horizon: number, profile: Float64Array): readonly HorizonSums[] {
  return Array.from(profile, (_, minute) => {
    let [drift, noiseVariance, driftVariance] = [0, 0, 0];
    // What the minutes before i add, each faded to minute i: the covariance of a drift with those before it.
    let before = 0;
    for (let i = 1; i <= horizon; i++) {
      const factor = profile[(minute + i) % profile.length];
      drift += factor * persistence ** i;
      noiseVariance += factor ** 2;
      before *= persistence;
      driftVariance += factor * (factor + 2 * before);
      before += factor;
    }
    return { drift, noiseVariance, driftVariance };
  });
}

function accuracyOf(process: DriftProcess, sums: readonly HorizonSums[]): BestAccuracy {
  const { driftVariance, noiseVariance } = process;
  const { estimateVariance } = driftFilter(process);
  const mean = (known: number): number => {
    let sum = 0;
    for (const future of sums) {
      const variance = noiseVariance * future.noiseVariance + driftVariance * future.driftVariance;
      sum += Math.asin(Math.min(1, (Math.sqrt(known) * future.drift) / Math.sqrt(variance)));
    }
    return 0.5 + sum / sums.length / Math.PI;
  };
  return { seeingTheDrift: mean(driftVariance), fromCandles: mean(estimateVariance) };
}
