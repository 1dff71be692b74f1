import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fromPlainError, toPlainError } from '../plain-error.js';
import type { PlainError } from '../plain-error.js';
import { projectRoot } from '../project-root.js';
import type { JobControl, PartialResults } from '../progress.js';
import { computeSymbolFeatures, monthsToCompute, stepsOf } from './symbol-features.js';
import type { FeatureFile, FeatureTask } from './symbol-features.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

export interface FeatureRequest {
  readonly task: FeatureTask;
}

export type FeatureReply =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'computed'; readonly file: FeatureFile }
  | { readonly kind: 'failed'; readonly error: PlainError };

export interface FeatureWorkerSetup {
  readonly module: string;
  /** One number in shared memory: 1 to stop. */
  readonly stop: SharedArrayBuffer;
}

/** What became of one symbol. */
type Outcome = { readonly task: FeatureTask; readonly file: FeatureFile } | { readonly task: FeatureTask; readonly error: PlainError };

/** Starting a thread takes as long as computing so many months. */
const MONTHS_WORTH_A_THREAD = 6;

/**
 * Computes symbols side by side, at most `workers` at a time: monthly parts in this thread and in worker threads, of which
 * no more are started than there is work for; single files in worker threads; with one at a time, all in this thread.
 * What fails does not keep the others from being finished.
 * @throws the error of the first symbol that failed, which its message names, and the signal's reason when stopped
 */
export async function computeSymbols(tasks: readonly FeatureTask[], workers: number, control: JobControl & PartialResults<FeatureFile>): Promise<readonly FeatureFile[]> {
  const months = tasks.map(monthsToCompute);
  const worthwhile = months.includes(undefined) ? workers : Math.ceil(months.reduce((sum: number, each) => sum + Math.max(1, each ?? 1), 0) / MONTHS_WORTH_A_THREAD);
  const count = Math.min(workers, worthwhile, tasks.length);
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

function computeHere(task: FeatureTask, control: JobControl): Promise<Outcome> {
  return computeSymbolFeatures(task, control).then(
    (file) => ({ task, file }),
    (error: unknown) => {
      control.signal?.throwIfAborted();
      return { task, error: toPlainError(error) };
    },
  );
}

async function inThreads(tasks: readonly FeatureTask[], count: number, control: JobControl): Promise<readonly Outcome[]> {
  const stop = new SharedArrayBuffer(4);
  const onAbort = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  if (control.signal?.aborted === true) onAbort();
  control.signal?.addEventListener('abort', onAbort, { once: true });
  const workerData: FeatureWorkerSetup = { module: join(projectRoot(), 'src/workflows/feature-worker.ts'), stop };
  const outcomes: Outcome[] = [];
  const progress = combinedProgress(tasks, control);
  let next = 0;
  const runHere = async (): Promise<void> => {
    while (next < tasks.length && control.signal?.aborted !== true) {
      const at = next++;
      const here: JobControl = { onProgress: ({ done }) => progress(at, done), ...(control.signal === undefined ? {} : { signal: control.signal }) };
      outcomes[at] = await computeHere(tasks[at], here);
    }
  };
  const runThread = async (): Promise<void> => {
    let worker: Worker | undefined;
    while (next < tasks.length && control.signal?.aborted !== true) {
      const at = next++;
      worker ??= new Worker(join(projectRoot(), 'bin/worker.js'), { workerData });
      const outcome = await ask(worker, tasks[at], (done) => progress(at, done));
      outcomes[at] = outcome;
      // A thread that died takes no more work.
      if ('error' in outcome && outcome.error.name === THREAD_ENDED) worker = undefined;
    }
    await worker?.terminate();
  };
  try {
    // A single file would keep this thread from handing out work for too long. Threads first: they start meanwhile.
    const monthly = tasks.every((task) => monthsToCompute(task) !== undefined);
    const threads = Array.from({ length: monthly ? count - 1 : count }, runThread);
    await Promise.all([...threads, ...(monthly ? [turnOfEventLoop().then(runHere)] : [])]);
  } finally {
    control.signal?.removeEventListener('abort', onAbort);
  }
  return outcomes.filter((outcome) => outcome !== undefined);
}

const THREAD_ENDED = 'ThreadEnded';

function ask(worker: Worker, task: FeatureTask, onDone: (done: number) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      resolve(outcome);
    };
    const onMessage = (reply: FeatureReply): void => {
      if (reply.kind === 'progress') onDone(reply.done);
      else settle(reply.kind === 'computed' ? { task, file: reply.file } : { task, error: reply.error });
    };
    const onError = (error: Error): void => settle({ task, error: { ...toPlainError(error), name: THREAD_ENDED } });
    const onExit = (code: number): void => settle({ task, error: { name: THREAD_ENDED, message: `its thread ended with status ${code}` } });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage({ task } satisfies FeatureRequest);
  });
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
