import { InputError } from '../errors.js';
import { createRandom } from '../random.js';
import { bootstrapMean } from './bootstrap.js';
import { windowLogLoss } from './classification.js';
import { STREAMS } from './evaluate-windows.js';
import type { Interval } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';

/** Log loss less that of a reference, on the same windows. Below 0: better than the reference. */
export interface PairedLogLoss {
  /** Mean, nats a window. */
  readonly difference: number;
  /** 95 %; absent where the windows are fewer than ten blocks. One that holds 0 says that chance may have made the difference. */
  readonly interval?: Interval;
  /** Rows a block of the bootstrap holds. */
  readonly blockLength: number;
}

/**
 * Compares two models window by window: what is hard about a window is hard for both and drops out of the difference, so
 * its interval is much narrower than either model's own. Circular block bootstrap of the differences, as `bootstrapMean`.
 * @throws InputError `windows-differ` when the two are not of the same windows
 */
export function pairedLogLoss(model: ScoredWindows, reference: ScoredWindows, { seed = 1, resamples = 2000 }: { readonly seed?: number; readonly resamples?: number } = {}): PairedLogLoss {
  const { probability, label, time, horizon } = model;
  const same = horizon === reference.horizon && time.length === reference.time.length && time.every((each, index) => each === reference.time[index]);
  if (!same) {
    throw new InputError(`${time.length} windows of ${model.symbol} are compared with ${reference.time.length} others of ${reference.symbol}`, {
      code: 'windows-differ',
      hint: 'compare models on the windows that both have (`compareModels` keeps those)',
    });
  }
  const differences = probability.map((p, index) => windowLogLoss(p, label[index]) - windowLogLoss(reference.probability[index], label[index]));
  const { mean, interval, blockLength } = bootstrapMean(differences, { horizon, resamples, random: createRandom(seed, STREAMS.paired) });
  return { difference: mean, blockLength, ...(interval === undefined ? {} : { interval }) };
}
