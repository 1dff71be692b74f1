import type { BootstrapOptions } from './bootstrap.js';
import { quantile } from './bootstrap.js';
import { chooseBlockLength, studentWidening } from './dependence.js';
import type { Interval } from './evaluation.js';
import { randomIndex } from '../random.js';
import { sortedOrder } from './sorted-order.js';

const MOST_BINS = 15;
/** Windows a bin should hold at least. */
const FEWEST_IN_BIN = 50;
/** More blocks than this tell no more about a variance, and cost time. */
const MOST_BLOCKS = 2000;
/** Fewer than this show nothing of how blocks differ. */
const FEWEST_BLOCKS = 10;

export interface DebiasedCalibration {
  /** Root mean square distance between probability and frequency, 0 to 1. */
  readonly value: number;
  /** 95 %; 0 to 1 when there are fewer than ten blocks of windows. */
  readonly interval: Interval;
}

/**
 * Calibration error without the part that chance alone makes, with its 95 % interval.
 *
 * In up to 15 bins of equal mass (equal probabilities stay together) the weighted mean square of d = share up - mean p
 * is too large by the variance of d; that variance is subtracted and the root taken, 0 where nothing is left. For
 * independent windows this is the estimator of Broecker (2012, "Estimating reliability and resolution of probability
 * forecasts", equation 13) and of Kumar, Liang and Ma (2019, "Verified uncertainty calibration", section 4). It is the
 * square that can be freed of its bias exactly: the mean |d| of the ten-bin error cannot, its bias depends on the
 * unknown miscalibration. The root mean square of a model is never below its mean absolute error in the same bins.
 *
 * Overlapping windows make d noisier than its count says, so its variance is measured: blocks of time are the
 * independent units, and a bin's effective size is whatever their spread implies.
 *
 * Interval: the values whose own scatter would not make the observed mean square unusual (2.5 % each way), the scatter
 * taken from a block bootstrap of all bins together, the pattern over bins from the data. A plain percentile interval
 * fails here: near perfect calibration the resamples carry the noise twice and never reach 0 (Sun, Chaudhari, Barnett
 * and Dobriban 2024, "A confidence interval for the l2 expected calibration error"). The upper end is never lower than
 * a perfectly calibrated model would typically be given, so that one lucky draw claims no more than the data can tell
 * (power-constrained limits, Cowan, Cranmer, Gross and Vitells 2011).
 */
export function debiasedCalibration(
  probability: Float64Array,
  label: Uint8Array,
  options: BootstrapOptions & { readonly order?: Uint32Array },
): DebiasedCalibration {
  const windows = label.length;
  const { bin, bins } = equalMassBins(probability, options.order ?? sortedOrder(probability));
  const counts = new Float64Array(bins);
  const difference = new Float64Array(bins);
  let sumResidual = 0;
  for (let index = 0; index < windows; index += 1) {
    const residual = label[index] - probability[index];
    counts[bin[index]] += 1;
    difference[bin[index]] += residual;
    sumResidual += residual;
  }
  const centred = new Float64Array(windows);
  for (let index = 0; index < windows; index += 1) centred[index] = label[index] - probability[index] - sumResidual / windows;
  for (let b = 0; b < bins; b += 1) difference[b] /= counts[b];
  const weight = counts.map((count) => count / windows);

  const blockLength = Math.max(chooseBlockLength(centred, options.horizon), Math.ceil(windows / MOST_BLOCKS));
  const blocks = Math.ceil(windows / blockLength);
  // Each block's share in the error of each bin's d, row-major `[blocks, bins]`; every column sums to 0.
  const errors = new Float64Array(blocks * bins);
  for (let index = 0; index < windows; index += 1) {
    const b = bin[index];
    const error = (label[index] - probability[index] - difference[b]) / counts[b];
    errors[Math.floor(index / blockLength) * bins + b] += error;
  }
  const correction = blocks / Math.max(1, blocks - 1);
  let noise = 0;
  for (let cell = 0; cell < errors.length; cell += 1) noise += weight[cell % bins] * errors[cell] ** 2 * correction;

  let meanSquare = 0;
  for (let b = 0; b < bins; b += 1) meanSquare += weight[b] * difference[b] ** 2;
  const value = Math.sqrt(Math.max(0, meanSquare - noise));
  if (blocks < FEWEST_BLOCKS) return { value, interval: { low: 0, high: 1 } };

  const pattern = difference.map((d) => (meanSquare === 0 ? 1 : d / Math.sqrt(meanSquare)));
  const scatter = resampleScatter(errors, weight, pattern, studentWidening(blocks), options);
  return { value, interval: invertMeanSquare(meanSquare, scatter) };
}

/** Bins of about equally many windows, boundaries moved up to where the probability changes. */
function equalMassBins(probability: Float64Array, order: Uint32Array): { bin: Uint8Array; bins: number } {
  const windows = order.length;
  const wanted = Math.max(1, Math.min(MOST_BINS, Math.floor(windows / FEWEST_IN_BIN)));
  const bin = new Uint8Array(windows);
  let current = 0;
  let filled = 0;
  let boundary = windows / wanted;
  for (let position = 0; position < windows; position += 1) {
    const tied = position > 0 && probability[order[position]] === probability[order[position - 1]];
    if (position >= boundary && filled > 0 && !tied) {
      current += 1;
      filled = 0;
      while (boundary <= position) boundary += windows / wanted;
    }
    bin[order[position]] = current;
    filled += 1;
  }
  return { bin, bins: current + 1 };
}

/** Of each resample's errors e: the weighted mean of pattern * e, and of e * e. */
interface Scatter {
  readonly along: Float64Array;
  readonly square: Float64Array;
}

function resampleScatter(
  errors: Float64Array,
  weight: Float64Array,
  pattern: Float64Array,
  widening: number,
  { resamples, random }: BootstrapOptions,
): Scatter {
  const bins = weight.length;
  const blocks = errors.length / bins;
  const along = new Float64Array(resamples);
  const square = new Float64Array(resamples);
  const sums = new Float64Array(bins);
  for (let resample = 0; resample < resamples; resample += 1) {
    sums.fill(0);
    for (let block = 0; block < blocks; block += 1) {
      const row = randomIndex(random, blocks) * bins;
      for (let b = 0; b < bins; b += 1) sums[b] += errors[row + b];
    }
    for (let b = 0; b < bins; b += 1) {
      const error = sums[b] * widening;
      along[resample] += weight[b] * pattern[b] * error;
      square[resample] += weight[b] * error ** 2;
    }
  }
  return { along, square };
}

/**
 * The true values t at which an observed mean square is neither unusually large nor unusually small, where a resample of
 * a model off by t shows t^2 + 2 t along + square.
 */
function invertMeanSquare(observed: number, { along, square }: Scatter): Interval {
  const shareAtLeast = (t: number, level: number): number => {
    let count = 0;
    for (let r = 0; r < along.length; r += 1) if (t * t + 2 * t * along[r] + square[r] >= level) count += 1;
    return count / along.length;
  };
  const smallestWith = (reached: (t: number) => boolean): number => {
    if (reached(0)) return 0;
    let below = 0;
    let above = 1;
    if (!reached(above)) return 1;
    for (let step = 0; step < 40; step += 1) {
      const middle = (below + above) / 2;
      if (reached(middle)) above = middle;
      else below = middle;
    }
    return above;
  };
  const typical = quantile(square.slice().sort(), 0.5);
  return {
    low: smallestWith((t) => shareAtLeast(t, observed) > 0.025),
    high: smallestWith((t) => shareAtLeast(t, Math.max(observed, typical)) >= 0.975),
  };
}
