import { normalCdf, normalQuantile } from './normal-distribution.js';

/** What a Sharpe ratio was measured on. Ratios are of single returns, not annualised. */
export interface SharpeSample {
  readonly sharpe: number;
  /** Returns it was measured on; independent ones, where they overlap. */
  readonly returns: number;
  readonly skewness: number;
  /** 3 of a normal distribution. */
  readonly kurtosis: number;
}

/** Tries the best was chosen from. */
export interface SharpeTrials {
  readonly trials: number;
  /** Variance of their Sharpe ratios. */
  readonly variance: number;
}

const EULER_MASCHERONI = 0.5772156649015329;

/**
 * The largest Sharpe ratio that so many tries without skill are expected to show (Bailey and López de Prado 2014,
 * equation 1); 0 of a single try.
 */
export function expectedMaximumSharpe({ trials, variance }: SharpeTrials): number {
  if (trials <= 1) return 0;
  const quantiles = (1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) + EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * quantiles;
}

/** Probability that the true Sharpe ratio exceeds `benchmark` (Bailey and López de Prado 2012). */
export function probabilisticSharpe({ sharpe, returns, skewness, kurtosis }: SharpeSample, benchmark: number): number {
  const spread = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2;
  return normalCdf(((sharpe - benchmark) * Math.sqrt(returns - 1)) / Math.sqrt(spread));
}

/**
 * Probability that the best of many tries has skill (Bailey and López de Prado 2014, "The Deflated Sharpe Ratio",
 * equation 2): its Sharpe ratio against the largest that luck alone would show.
 */
export function deflatedSharpe(sample: SharpeSample, trials: SharpeTrials): number {
  return probabilisticSharpe(sample, expectedMaximumSharpe(trials));
}
