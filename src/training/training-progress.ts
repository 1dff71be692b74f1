import { decimal, percent } from '../number-text.js';
import type { OnProgress } from '../progress.js';
import type { Score } from './validate.js';

const INTERVAL_MS = 250;

/** Says how far a training is: examples done of all epochs, and epoch, loss and accuracy as the event's detail. */
export interface TrainingProgress {
  /** `epochScore` is of this epoch so far. */
  step(epoch: number, examples: number, epochScore: Score): void;
  /** Training examples a second of this run; undefined before the first step. */
  rate(): number | undefined;
  /** The clock stands while the work is not training. */
  pause(): void;
  resume(): void;
}

export interface ProgressPlan {
  readonly label: string;
  readonly epochs: number;
  /** Training examples an epoch. */
  readonly examples: number;
  /** What an example is: one window, or a sequence with a prediction a row. */
  readonly unit: 'windows' | 'sequences';
  readonly epochsDone: number;
  readonly onProgress: OnProgress | undefined;
  /** ms; only differences count. */
  readonly now: () => number;
}

/** Counts examples over all epochs; who shows it works out time left as if every epoch were needed: an upper bound. */
export function trackTraining({ label, epochs, examples, unit, epochsDone, onProgress, now }: ProgressPlan): TrainingProgress {
  const total = epochs * examples;
  let done = epochsDone * examples;
  let trained = 0;
  let milliseconds = 0;
  let since = now();
  let reported = -Infinity;
  return {
    step: (epoch, count, { loss, correct, weight }) => {
      done += count;
      trained += count;
      milliseconds += now() - since;
      since = now();
      if (onProgress === undefined || (since - reported < INTERVAL_MS && done < total)) return;
      reported = since;
      onProgress({ label, detail: `epoch ${epoch} of ${epochs}: loss ${decimal(loss / weight, 4)}, accuracy ${percent(correct / weight)}`, done, total, unit });
    },
    rate: () => (trained === 0 || milliseconds === 0 ? undefined : (1000 * trained) / milliseconds),
    pause: () => {
      milliseconds += now() - since;
    },
    resume: () => {
      since = now();
    },
  };
}
