import { blockVarianceOfSum, chooseBlockLength, studentWidening, wilsonInterval } from './dependence.js';
import type { Interval } from './evaluation.js';
import { randomIndex } from '../random.js';
import type { Random } from '../random.js';

export interface BootstrapOptions {
  /** Rows from decision to outcome: windows closer than this share part of their outcome. */
  readonly horizon: number;
  readonly resamples: number;
  readonly random: Random;
}

export interface AccuracyUncertainty {
  /** 95 %. */
  readonly interval: Interval;
  /** How many independent windows would be as sure: windows * naive variance / block variance, at most `windows`. */
  readonly effectiveSamples: number;
  /** Rows (of the pooled time line: distinct times) a resampled block holds. */
  readonly blockLength: number;
}

/** Fewer blocks than this do not show how blocks differ. */
const FEWEST_BLOCKS = 10;

/**
 * How far accuracy could be off by chance, knowing that windows overlap: 95 % percentile interval of a circular block
 * bootstrap (Politis and Romano 1992), its ends moved out by what Student's t adds for so many blocks. The block length is
 * `chooseBlockLength`'s.
 *
 * Where resampling can say nothing (fewer than ten blocks, or every decision right, or every one wrong) the interval is
 * Wilson's at one independent window a block.
 * @param correct 1 where the decision was right, `[windows]`, in order of time.
 */
export function bootstrapAccuracy(correct: Uint8Array, options: BootstrapOptions): AccuracyUncertainty {
  return bootstrapTimeline({ correct, windows: undefined, total: correct.length }, options);
}

/**
 * How far the mean of a series could be off by chance: the interval of `bootstrapAccuracy`, of any numbers. Absent where
 * resampling can say nothing: fewer than ten blocks.
 * @param values one a window, `[windows]`, in order of time.
 */
export function bootstrapMean(values: Float64Array, options: BootstrapOptions): { readonly mean: number; readonly interval?: Interval; readonly blockLength: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const blockLength = chooseBlockLength(centred, options.horizon);
  const blocks = values.length / blockLength;
  if (blocks < FEWEST_BLOCKS) return { mean, blockLength };
  const { low, high } = percentileInterval(resampleMean(values, blockLength, options));
  const widening = studentWidening(blocks);
  return { mean, interval: { low: mean - (mean - low) * widening, high: mean + (high - mean) * widening }, blockLength };
}

/** One coin's decisions. */
export interface TimedCorrectness {
  /** ms since the epoch, strictly increasing, `[windows]`. */
  readonly time: Float64Array;
  readonly correct: Uint8Array;
}

/**
 * The same for several coins together, resampled jointly: a block is a stretch of time and brings the windows every coin
 * has in it, so that what coins share (they fall together) is not counted as independent evidence. Coins may start, end
 * and have gaps where they like: they are lined up by time stamp.
 */
export function bootstrapPooledAccuracy(coins: readonly TimedCorrectness[], options: BootstrapOptions): AccuracyUncertainty {
  return bootstrapTimeline(alignByTime(coins), options);
}

/** Windows and right decisions at each distinct time, oldest first. */
interface Timeline {
  readonly correct: Uint8Array;
  /** Undefined: one everywhere. */
  readonly windows: Uint8Array | undefined;
  readonly total: number;
}

function alignByTime(coins: readonly TimedCorrectness[]): Timeline {
  const total = coins.reduce((sum, coin) => sum + coin.time.length, 0);
  const correct = new Uint8Array(total);
  const windows = new Uint8Array(total);
  const next = coins.map(() => 0);
  let times = 0;
  for (let merged = 0; merged < total; times += 1) {
    let now = Infinity;
    for (let coin = 0; coin < coins.length; coin += 1) now = Math.min(now, coins[coin].time[next[coin]] ?? Infinity);
    for (let coin = 0; coin < coins.length; coin += 1) {
      const at = next[coin];
      if (coins[coin].time[at] !== now) continue;
      correct[times] += coins[coin].correct[at];
      windows[times] += 1;
      next[coin] = at + 1;
      merged += 1;
    }
  }
  return { correct: correct.subarray(0, times), windows: windows.subarray(0, times), total };
}

function bootstrapTimeline(timeline: Timeline, options: BootstrapOptions): AccuracyUncertainty {
  const { correct, windows, total } = timeline;
  const right = correct.reduce((sum, value) => sum + value, 0);
  const accuracy = right / total;
  const centred = new Float64Array(correct.length);
  for (let index = 0; index < centred.length; index += 1) centred[index] = correct[index] - accuracy * (windows?.[index] ?? 1);
  const blockLength = chooseBlockLength(centred, options.horizon);

  if (right === 0 || right === total || correct.length < FEWEST_BLOCKS * blockLength) {
    const effectiveSamples = Math.max(1, correct.length / blockLength);
    return { interval: wilsonInterval(accuracy, effectiveSamples), effectiveSamples, blockLength };
  }
  const naiveVariance = total * accuracy * (1 - accuracy);
  const effectiveSamples = total * Math.min(1, naiveVariance / blockVarianceOfSum(centred, blockLength));
  const accuracies = windows === undefined
    ? resampleMean(correct, blockLength, options)
    : resampleRatio(correct, windows, blockLength, options);
  const widening = studentWidening(correct.length / blockLength);
  const { low, high } = percentileInterval(accuracies);
  const interval = {
    low: Math.max(0, accuracy - (accuracy - low) * widening),
    high: Math.min(1, accuracy + (high - accuracy) * widening),
  };
  return { interval, effectiveSamples, blockLength };
}

/** Mean of each resample, `[resamples]`: as many rows as there are, the last block cut short. */
function resampleMean(correct: Uint8Array | Float64Array, blockLength: number, { resamples, random }: BootstrapOptions): Float64Array {
  const rows = correct.length;
  const blockSums = circularBlockSums(correct, blockLength);
  const wholeBlocks = Math.floor(rows / blockLength);
  const rest = rows - wholeBlocks * blockLength;
  const restSums = circularBlockSums(correct, rest);
  const results = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    let right = restSums[randomIndex(random, rows)];
    for (let block = 0; block < wholeBlocks; block += 1) right += blockSums[randomIndex(random, rows)];
    results[resample] = right / rows;
  }
  return results;
}

/** As `resampleMean` where a time holds several windows or one: both sums are resampled. */
function resampleRatio(correct: Uint8Array, windows: Uint8Array, blockLength: number, { resamples, random }: BootstrapOptions): Float64Array {
  const rows = correct.length;
  const rightSums = circularBlockSums(correct, blockLength);
  const windowSums = circularBlockSums(windows, blockLength);
  const blocks = Math.round(rows / blockLength);
  const results = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    let right = 0;
    let count = 0;
    for (let block = 0; block < blocks; block += 1) {
      const start = randomIndex(random, rows);
      right += rightSums[start];
      count += windowSums[start];
    }
    results[resample] = right / count;
  }
  return results;
}

/** Sum of the `length` values from each start on, going round at the end, `[rows]`. */
function circularBlockSums(values: Uint8Array | Float64Array, length: number): Float64Array {
  const rows = values.length;
  const sums = new Float64Array(rows);
  let sum = 0;
  for (let index = 0; index < length; index += 1) sum += values[index];
  for (let start = 0; start < rows; start += 1) {
    sums[start] = sum;
    const entering = start + length;
    sum += values[entering < rows ? entering : entering - rows] - values[start];
  }
  return sums;
}

/** The 2.5 % and 97.5 % points, interpolated. Sorts `values`. */
function percentileInterval(values: Float64Array): Interval {
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7, numpy's default). */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below];
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}
