import type { JobControl } from '../../progress.js';
import { LOCK_STALE_MS } from '../../write-lock.js';
import { taskLabel, trainInProcess } from '../training/train-processes.js';
import type { TrainedModel, TrainTask } from '../training/train-model.js';
import { computeSymbolFeatures, type FeatureFile, type FeatureTask } from '../symbol-features.js';

/**
 * Work that any machine may do. A task is plain JSON whose files are paths relative to the shared root; running it twice,
 * or on two machines at once, must give the same bytes in the same place.
 */
export interface JobKind<Task, Result> {
  /** The name in `JOB_KINDS`: how a worker finds the code. */
  readonly name: string;
  /** What tasks are counted in: `symbols`. */
  readonly unit: string;
  /** One task, for a person: `BTC-USD`. */
  label(task: Task): string;
  /** Files and folders the task reads: checked on the worker, and part of the job's identity. */
  inputs(task: Task): readonly string[];
  /** Runs in a thread of its own. The result is plain JSON. `control.signal` aborts when the job was given to another worker. */
  run(task: Task, control: JobControl): Promise<Result>;
}

/** A killed worker's lock is another's after this, whichever host it ran on. */
const LOST_WORKER_LOCK_MS = LOCK_STALE_MS + 30_000;

export const FEATURES: JobKind<FeatureTask, FeatureFile> = {
  name: 'features',
  unit: 'symbols',
  label: (task) => task.symbol,
  inputs: (task) => task.sources,
  run: (task, control) => computeSymbolFeatures(task, control, { lockPatienceMs: LOST_WORKER_LOCK_MS }),
};

/**
 * A model to train, in a process of its own: its threads and memory end with it. Its state lies in the shared output
 * folder, so that a killed worker costs the epoch it was in.
 */
export const TRAINING: JobKind<TrainTask, TrainedModel> = {
  name: 'training',
  unit: 'models',
  label: taskLabel,
  inputs: ({ symbols }) => symbols.flatMap(({ candles, features }) => [...features, ...candles]),
  run: (task, control) => trainInProcess(task, { ...control, lockPatienceMs: LOST_WORKER_LOCK_MS }),
};

/** Tasks and results as a worker knows them: JSON from elsewhere. */
export type AnyJobKind = JobKind<never, unknown>;

/** What a worker can do; a module of kinds exports a table of this name. */
export const JOB_KINDS: readonly AnyJobKind[] = [FEATURES, TRAINING];
