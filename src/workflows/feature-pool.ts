import { featureRecipe } from '../features/feature-recipes.js';
import { fromPlainError, toPlainError } from '../plain-error.js';
import type { PlainError } from '../plain-error.js';
import type { JobControl, PartialResults } from '../progress.js';
import { openFeatureThread, type Outcome } from './feature-thread.js';
import type { SharePieces } from './monthly-features.js';
import { openPieceExchange } from './shared-pieces.js';
import { computeSymbolFeatures, monthsToCompute, stepsOf } from './symbol-features.js';
import type { FeatureFile, FeatureTask } from './symbol-features.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

/** Starting a thread takes as long as computing so many months. */
const MONTHS_WORTH_A_THREAD = 6;

/**
 * Computes symbols side by side, at most `workers` at a time: monthly parts in this thread and in worker threads, of which
 * no more are started than there is work for; single files in worker threads; with one at a time, all in this thread.
 * Monthly symbols that do not divide among the threads are left to the end, and all threads share their months.
 * What fails does not keep the others from being finished.
 * @throws the error of the first symbol that failed, which its message names, and the signal's reason when stopped
 */
export async function computeSymbols(tasks: readonly FeatureTask[], workers: number, control: JobControl & PartialResults<FeatureFile>): Promise<readonly FeatureFile[]> {
  const months = tasks.map(monthsToCompute);
  const worthwhile = months.includes(undefined) ? tasks.length : Math.ceil(months.reduce((sum: number, each) => sum + Math.max(1, each ?? 1), 0) / MONTHS_WORTH_A_THREAD);
  const count = Math.min(workers, worthwhile);
  const outcomes = count <= 1 ? await inThisThread(tasks, control) : await inThreads(tasks, count, control);
  control.signal?.throwIfAborted();
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
  const files = outcomes.flatMap((outcome) => ('file' in outcome ? [outcome.file] : []));
  if (failed.length === 0) return files;
  control.onPartial?.(files);
  throw describeFailures(failed, tasks.length);
}

async function inThisThread(tasks: readonly FeatureTask[], control: JobControl): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    control.signal?.throwIfAborted();
    outcomes.push(await computeHere(task, control));
  }
  return outcomes;
}

function computeHere(task: FeatureTask, control: JobControl, share?: SharePieces): Promise<Outcome> {
  return computeSymbolFeatures(task, control, { share }).then(
    (file) => ({ task, file }),
    (error: unknown) => {
      control.signal?.throwIfAborted();
      return { task, error: toPlainError(error) };
    },
  );
}

async function inThreads(tasks: readonly FeatureTask[], count: number, control: JobControl): Promise<readonly Outcome[]> {
  const { signal } = control;
  const stop = new SharedArrayBuffer(4);
  const onAbort = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const outcomes: Outcome[] = [];
  const progress = combinedProgress(tasks, control);
  // A single file would keep this thread from handing out work for too long.
  const monthly = tasks.every((task) => monthsToCompute(task) !== undefined);
  const whole = tasks.length - (monthly ? leftOver(tasks, count) : 0);
  const exchange = openPieceExchange();
  let next = 0;
  const runHere = async (): Promise<void> => {
    try {
      for (let at = next++; at < whole && signal?.aborted !== true; at = next++) outcomes[at] = await here(at);
      for (let at = whole; at < tasks.length && signal?.aborted !== true; at++) outcomes[at] = await here(at, exchange.share(tasks[at], signal));
    } finally {
      exchange.close();
    }
  };
  const here = (at: number, share?: SharePieces): Promise<Outcome> => computeHere(tasks[at], { onProgress: ({ done }) => progress(at, done), ...(signal === undefined ? {} : { signal }) }, share);
  const runThread = async (): Promise<void> => {
    const thread = openFeatureThread(stop);
    try {
      for (let at = next++; at < whole && signal?.aborted !== true; at = next++) outcomes[at] = await thread.compute(tasks[at], (done) => progress(at, done));
      if (monthly) await exchange.help(thread);
    } finally {
      await thread.end();
    }
  };
  try {
    // Threads first: they start meanwhile.
    const threads = Array.from({ length: monthly ? count - 1 : count }, runThread);
    await Promise.all([...threads, ...(monthly ? [turnOfEventLoop().then(runHere)] : [])]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  return outcomes.filter((outcome) => outcome !== undefined);
}

/** How many of the last symbols are shared by all threads: those that would leave threads without work, where a month can be computed without those before it. */
function leftOver(tasks: readonly FeatureTask[], count: number): number {
  const [{ featureSet, alignment }] = tasks;
  return featureRecipe(featureSet, alignment).contextRows === undefined ? 0 : tasks.length % count;
}

/** Steps of all symbols together, as one line of progress. */
function combinedProgress(tasks: readonly FeatureTask[], { onProgress }: JobControl): (at: number, done: number) => void {
  const steps = tasks.map(stepsOf);
  const total = steps.reduce((sum, step) => sum + step.total, 0);
  const unit = steps.every((step) => step.unit === steps[0].unit) ? steps[0].unit : 'steps';
  const doneOf = tasks.map(() => 0);
  return (at, done) => {
    doneOf[at] = done;
    onProgress?.({ label: `features of ${tasks.length} symbols`, done: doneOf.reduce((sum, each) => sum + each, 0), total, unit });
  };
}

function describeFailures(failed: readonly { readonly task: FeatureTask; readonly error: PlainError }[], symbols: number): Error {
  const [{ task, error }, ...others] = failed;
  if (symbols === 1) return fromPlainError(error);
  const also = others.length === 0 ? '' : `; ${others.map((other) => `${other.task.symbol}: ${other.error.message}`).join('; ')}`;
  return fromPlainError(error, `${task.symbol}: ${error.message}${also} (the other ${symbols - failed.length} of ${symbols} symbols are done)`);
}
