import type { Interval } from './evaluation.js';

/**
 * How far neighbouring windows tell the same story. Two windows less than a horizon apart share candles of their
 * outcome, so 154,503 overlapping windows hold far fewer than 154,503 answers; everything here puts a number on that.
 */

/** 97.5 % point of the normal distribution. */
const NORMAL_975 = 1.959963984540054;

/**
 * Block length for the bootstrap of a mean: twice the larger of the horizon and the length of Politis and White (2004,
 * "Automatic block-length selection for the dependent bootstrap"; corrected by Patton, Politis and White 2009). The
 * autocovariances that count are found by their rule: up to the first lag after which five or more in a row are
 * insignificant.
 *
 * Twice, because theirs is the best length for a variance, where too small a variance costs no more than too large a one.
 * An interval that is too narrow misses: in simulations of dependent series twice the length misses less often. And
 * overlap alone gives the outcome an autocorrelation that falls to 0 over one horizon; blocks of one horizon would lose
 * a third of the variance this adds, blocks of two a sixth.
 * @param centred a series less its mean, in order of time, `[windows]`.
 * @param horizon rows from decision to outcome.
 * @returns rows, at least 1 and at most the length of the series.
 */
export function chooseBlockLength(centred: Float64Array, horizon: number): number {
  return Math.max(1, Math.min(centred.length, 2 * Math.max(horizon, Math.ceil(politisWhiteBlockLength(centred)))));
}

function politisWhiteBlockLength(centred: Float64Array): number {
  const count = centred.length;
  const variance = autocovariance(centred, 0);
  if (count < 2 || variance === 0) return 1;
  const quietLags = Math.max(5, Math.ceil(Math.sqrt(Math.log10(count))));
  const lastLag = Math.min(count - 1, Math.ceil(Math.sqrt(count)) + quietLags);
  const significant = 2 * Math.sqrt(Math.log10(count) / count) * variance;
  const covariances = [variance];
  const covarianceAt = (lag: number): number => (covariances[lag] ??= autocovariance(centred, lag));

  let lastSignificant = 0;
  for (let lag = 1; lag <= lastLag && lag - lastSignificant <= quietLags; lag += 1) {
    if (Math.abs(covarianceAt(lag)) >= significant) lastSignificant = lag;
  }
  const bandwidth = Math.min(2 * lastSignificant, lastLag);
  let spectrum = variance;
  let slope = 0;
  for (let lag = 1; lag <= bandwidth; lag += 1) {
    // Flat-top lag window: 1 up to half the bandwidth, then down to 0.
    const weight = Math.min(1, 2 * (1 - lag / bandwidth));
    spectrum += 2 * weight * covarianceAt(lag);
    slope += 2 * weight * lag * covarianceAt(lag);
  }
  const longest = Math.ceil(Math.min(3 * Math.sqrt(count), count / 3));
  if (spectrum <= 0) return longest;
  const length = Math.cbrt(((2 * slope ** 2) / ((4 / 3) * spectrum ** 2)) * count);
  return Math.min(longest, Math.max(1, length));
}

function autocovariance(centred: Float64Array, lag: number): number {
  let sum = 0;
  for (let index = lag; index < centred.length; index += 1) sum += centred[index] * centred[index - lag];
  return sum / centred.length;
}

/**
 * Variance of the sum of a series, as a circular block bootstrap with endless resamples would give it: the mean square
 * of all block sums, times the number of blocks (Politis and Romano 1992). With blocks of 1 it is the ordinary variance.
 * @param centred a series less its mean, in order of time.
 */
export function blockVarianceOfSum(centred: Float64Array, blockLength: number): number {
  const count = centred.length;
  let blockSum = 0;
  for (let index = 0; index < blockLength; index += 1) blockSum += centred[index];
  let squares = 0;
  for (let start = 0; start < count; start += 1) {
    squares += blockSum * blockSum;
    const entering = start + blockLength;
    blockSum += centred[entering < count ? entering : entering - count] - centred[start];
  }
  return squares / blockLength;
}

/**
 * 95 % interval of a share by Wilson's score (1927): unlike the share +- 1.96 errors it stays within 0 and 1 and has a
 * width when every answer was right.
 * @param samples independent answers the share rests on, not necessarily whole.
 */
export function wilsonInterval(share: number, samples: number): Interval {
  const z2 = NORMAL_975 ** 2;
  const centre = (share + z2 / (2 * samples)) / (1 + z2 / samples);
  const half = (NORMAL_975 / (1 + z2 / samples)) * Math.sqrt((share * (1 - share)) / samples + z2 / (4 * samples ** 2));
  // At a share of 0 or 1 the end is exactly that; only rounding says otherwise.
  return { low: share === 0 ? 0 : Math.max(0, centre - half), high: share === 1 ? 1 : Math.min(1, centre + half) };
}

/**
 * By how much a normal interval must be wider when its variance is known from `blocks` blocks only: the 97.5 % point of
 * Student's t with blocks - 1 degrees of freedom over the normal one (Fisher and Cornish 1960, to the second order).
 */
export function studentWidening(blocks: number): number {
  const freedom = blocks - 1;
  const z = NORMAL_975;
  return 1 + (z ** 2 + 1) / (4 * freedom) + (5 * z ** 4 + 16 * z ** 2 + 3) / (96 * freedom ** 2);
}
