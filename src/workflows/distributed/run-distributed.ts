import type { Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import type { JobControl, PartialResults } from '../../progress.js';
import { projectVersion } from '../../project-root.js';
import { readFailure } from './job-failure.js';
import { jobIdentity } from './job-identity.js';
import type { JobKind } from './job-kinds.js';
import { QUEUE_NAME, type JobData } from './job-protocol.js';
import { parseQueueAddress } from './queue-address.js';
import { connectQueue, queueFailure } from './queue-connection.js';

export interface DistributedOptions extends JobControl {
  /** `redis://host:6379[/prefix]`. */
  readonly queue: string;
  /** What the person should know: nobody works, a job failed, the connection was lost. */
  readonly onNote?: ((note: string) => void) | undefined;
  /** Milliseconds without a worker before a note says so. Default 10 000. */
  readonly noteWithoutWorkersAfterMs?: number | undefined;
}

/** A job is tried so often when what failed may pass; wrong input is not tried again. */
export const ATTEMPTS = 3;
/** Before the second attempt, ms; doubles. */
const BACK_OFF_MS = 1_000;
/** Finished jobs stay so long in Redis, s, for a run whose connection was away. */
const KEEP_S = 3_600;
/** Events tell at once; this is how soon a missed one is noticed, ms. */
const POLL_MS = 3_000;
/** A lost Redis is waited for so long, ms. */
const GIVE_UP_AFTER_MS = 60_000;
/** So many jobs are looked up or put in the queue at a time. */
const BATCH = 200;

/** What became of one task. */
export type JobOutcome<Result> = { readonly result: Result } | { readonly error: Error };

/**
 * Has each task done by whichever worker is free, and returns the results in the order of `tasks`. Work that is in the
 * queue already, from this or another run, is joined, not doubled. One failure does not stop the others: when all have
 * ended, the first in the order of `tasks` is thrown, the others are notes. When `signal` aborts, this run's waiting
 * jobs are taken back.
 * @throws what the job threw, with code, place and hint; TemporaryError `queue-unreachable`, `worker-lost`; InputError
 *   `queue-address`, `queue-refused`; SetupError `queue-too-old`
 */
export async function runDistributed<Task, Result>(kind: JobKind<Task, Result>, tasks: readonly Task[], options: DistributedOptions & PartialResults<Result>): Promise<readonly Result[]> {
  const outcomes = await settleDistributed(kind, tasks, options);
  return collect(kind, tasks, outcomes, options);
}

/**
 * As {@link runDistributed}, and returns what became of each task: a job that failed is an error among the outcomes.
 * @throws what keeps the queue itself from working, and the signal's reason
 */
export async function settleDistributed<Task, Result>(kind: JobKind<Task, Result>, tasks: readonly Task[], options: DistributedOptions): Promise<readonly JobOutcome<Result>[]> {
  const { signal, onNote = () => undefined } = options;
  const address = parseQueueAddress(options.queue);
  const version = projectVersion();
  const ids = tasks.map((task) => jobIdentity(kind.name, task, kind.inputs(task), version));
  const connection = await connectQueue(address, { giveUpAfterMs: GIVE_UP_AFTER_MS, onNote, signal });
  const { Queue, QueueEvents } = await import('bullmq');
  const settings = { connection: connection.client, prefix: address.prefix, skipVersionCheck: true };
  const queue = new Queue<JobData, Result>(QUEUE_NAME, settings);
  const events = new QueueEvents(QUEUE_NAME, settings);
  // Told by the connection itself, once.
  queue.on('error', () => undefined);
  events.on('error', () => undefined);

  const taskOf = new Map(ids.map((id, index) => [id, tasks[index]]));
  const waitingFor = new Set(ids);
  const outcomes = new Map<string, JobOutcome<Result>>();
  const share = new Map<string, number>();
  const run = randomUUID();
  let tell: () => void = () => undefined;
  const report = () => {
    const running = [...share.values()].reduce((sum, value) => sum + value, 0);
    options.onProgress?.({ label: kind.name, done: Math.round((outcomes.size + running) * 10) / 10, total: taskOf.size, unit: kind.unit });
  };
  const settle = (id: string, outcome: JobOutcome<Result>) => {
    if (!waitingFor.delete(id)) return;
    share.delete(id);
    outcomes.set(id, outcome);
    report();
    if (waitingFor.size === 0) tell();
  };
  const submit = (missing: readonly string[]) =>
    queue.addBulk(
      missing.map((id) => ({
        name: kind.name,
        data: { task: taskOf.get(id)!, label: kind.label(taskOf.get(id)!), run, version },
        opts: { jobId: id, attempts: ATTEMPTS, backoff: { type: 'exponential', delay: BACK_OFF_MS }, removeOnComplete: { age: KEEP_S }, removeOnFail: { age: KEEP_S } },
      })),
    );
  const check = async (id: string) => {
    if (!waitingFor.has(id)) return;
    const job = await queue.getJob(id);
    if (job === undefined) {
      await submit([id]); // Taken back by the run that we had joined, or lost by a Redis that restarted.
    } else if (job.finishedOn !== undefined) {
      if (await job.isCompleted()) settle(id, { result: job.returnvalue });
      else if (await job.isFailed()) settle(id, { error: readFailure(job.failedReason, kind.label(taskOf.get(id)!)) });
    }
  };

  const timers: NodeJS.Timeout[] = [];
  try {
    const failed = new Promise<never>((_, reject) => {
      const guard = (work: Promise<unknown>) => void work.catch(reject);
      events.on('completed', ({ jobId }) => guard(check(jobId)));
      events.on('failed', ({ jobId }) => guard(check(jobId)));
      events.on('progress', ({ jobId, data }) => {
        if (!waitingFor.has(jobId)) return;
        share.set(jobId, Math.min(Math.max(Number(data), 0), 1) || 0);
        report();
      });
      timers.push(setInterval(() => guard(inBatches([...waitingFor], check)), POLL_MS));
      timers.push(noteMissingWorkers(queue, options, guard));
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      void connection.lost.catch(reject);
    });
    failed.catch(() => undefined); // Until it is raced below.
    const finished = new Promise<void>((resolve) => (tell = resolve));
    signal?.throwIfAborted();
    const joined = await Promise.race([failed, putInQueue(queue, [...taskOf.keys()], submit)]);
    if (joined > 0) onNote(`${joined} of ${taskOf.size} ${kind.unit} are in the queue already: waiting for those jobs`);
    report();
    if (waitingFor.size > 0) await Promise.race([failed, finished]);
  } catch (error) {
    if (signal?.aborted === true) {
      await Promise.race([takeBack(queue, [...waitingFor], run), new Promise((done) => setTimeout(done, 5_000))]);
      throw error;
    }
    throw queueFailure(address, error);
  } finally {
    for (const timer of timers) clearInterval(timer);
    await Promise.race([Promise.allSettled([events.close(), queue.close()]), new Promise((done) => setTimeout(done, 2_000))]);
    connection.close();
  }
  return ids.map((id) => outcomes.get(id)!);
}

/** Puts jobs in the queue. One that is waiting or running stays; one that ended long ago is asked for anew. @returns how many were there */
async function putInQueue(queue: Queue<JobData>, ids: readonly string[], submit: (ids: readonly string[]) => Promise<unknown>): Promise<number> {
  let joined = 0;
  await inBatches(ids, async (id) => {
    const job = await queue.getJob(id);
    if (job === undefined) return;
    if (job.finishedOn === undefined) joined++;
    else await job.remove();
  });
  for (let from = 0; from < ids.length; from += BATCH) await submit(ids.slice(from, from + BATCH));
  return joined;
}

/** Removes this run's jobs that no worker has taken yet. */
async function takeBack(queue: Queue<JobData>, ids: readonly string[], run: string): Promise<void> {
  await inBatches(ids, async (id) => {
    const job = await queue.getJob(id);
    if (job?.data.run !== run || job.finishedOn !== undefined) return;
    await job.remove().catch(() => undefined); // A worker has it: let it finish.
  });
}

function noteMissingWorkers(queue: Queue<JobData>, { queue: address, onNote, noteWithoutWorkersAfterMs = 10_000 }: DistributedOptions, guard: (work: Promise<unknown>) => void): NodeJS.Timeout {
  let told = false;
  return setInterval(() => {
    guard(
      queue.getWorkersCount().then((count) => {
        if (count === 0 && !told) onNote?.(`waiting for workers: start one with npx crpbot worker --queue ${parseQueueAddress(address).shown}`);
        told = count === 0;
      }),
    );
  }, noteWithoutWorkersAfterMs);
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH) await Promise.all(items.slice(from, from + BATCH).map(work));
}

function collect<Task, Result>(kind: JobKind<Task, Result>, tasks: readonly Task[], outcomes: readonly JobOutcome<Result>[], told: PartialResults<Result> & Pick<DistributedOptions, 'onNote'>): readonly Result[] {
  const results: Result[] = [];
  let first: Error | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    if ('result' in outcome) results.push(outcome.result);
    else if (first === undefined) first = outcome.error;
    else told.onNote?.(`${kind.label(tasks[index])} failed too: ${outcome.error.message}`);
  }
  if (first === undefined) return results;
  told.onPartial?.(results);
  if (results.length > 0) told.onNote?.(`${results.length} of ${tasks.length} ${kind.unit} are done and stay`);
  throw first;
}
