import type { Job } from 'bullmq';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { toPlainError } from '../../plain-error.js';
import { projectRoot, projectVersion } from '../../project-root.js';
import { writeFailure } from './job-failure.js';
import { openJobThreads } from './job-threads.js';
import { QUEUE_NAME, type JobData } from './job-protocol.js';
import { parseQueueAddress } from './queue-address.js';
import { connectQueue } from './queue-connection.js';

export interface WorkerOptions {
  /** `redis://host:6379[/prefix]`. */
  readonly queue: string;
  /** Jobs side by side, a thread each. */
  readonly concurrency: number;
  /** Aborting ends the worker once its current jobs are done. */
  readonly signal: AbortSignal;
  /** One line a job, and what the person should know. */
  readonly onNote: (note: string) => void;
  /** A module that exports `JOB_KINDS`. Default: crpbot's own. */
  readonly kindsModule?: string | undefined;
}

/** The lock of a job lasts so long, ms: a killed worker's job is free after it. */
const LOCK_MS = 6_000;
const RENEW_MS = 2_000;
/** How often workers look for jobs whose lock ran out, ms. */
const LOOK_FOR_LOST_MS = 2_000;
/** A job that killed so many workers is given up. */
const LOST_WORKERS_A_JOB = 2;

/**
 * Takes jobs from the queue until told to stop. The current folder is the shared root that tasks' paths start from.
 * @throws TemporaryError `queue-unreachable` at the start (later it waits for Redis to come back); InputError
 *   `queue-address`, `queue-refused`; SetupError `queue-too-old`
 */
export async function runWorker({ queue, concurrency, signal, onNote, kindsModule = join(projectRoot(), 'src/workflows/distributed/job-kinds.ts') }: WorkerOptions): Promise<void> {
  const address = parseQueueAddress(queue);
  const connection = await connectQueue(address, { giveUpAfterMs: Infinity, onNote, signal });
  const { Worker, UnrecoverableError } = await import('bullmq');
  const threads = openJobThreads(kindsModule);
  const version = projectVersion();

  const work = async (job: Job<JobData>, _token?: string, given?: AbortSignal): Promise<unknown> => {
    const { task, version: wanted } = job.data;
    const name = describeJob(job);
    const started = performance.now();
    const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
    try {
      if (wanted !== version) {
        throw new InputError(`the worker on ${hostname()} runs crpbot ${version}, the job wants ${wanted}`, { code: 'worker-version', hint: 'run the same version everywhere' });
      }
      const result = await threads.run({ kind: job.name, task }, ({ done, total }) => {
        if (total !== undefined && total > 0) void job.updateProgress(done / total).catch(() => undefined);
      }, given);
      onNote(`${name}: done in ${seconds()} s`);
      return result;
    } catch (error) {
      const plain = toPlainError(error);
      const final = error instanceof InputError;
      if (given?.aborted === true) {
        onNote(`${name}: stopped after ${seconds()} s: its lock was lost, whoever takes it next goes on`);
        throw error;
      }
      const again = !final && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
      onNote(`${name}: failed after ${seconds()} s, ${again ? 'will be tried again' : 'given up'}: ${plain.message}`);
      throw final ? new UnrecoverableError(writeFailure(plain)) : new Error(writeFailure(plain));
    }
  };

  const worker = new Worker<JobData>(QUEUE_NAME, work, {
    connection: connection.client,
    prefix: address.prefix,
    skipVersionCheck: true,
    name: `${hostname()}-${process.pid}`,
    concurrency,
    lockDuration: LOCK_MS,
    lockRenewTime: RENEW_MS,
    stalledInterval: LOOK_FOR_LOST_MS,
    maxStalledCount: LOST_WORKERS_A_JOB,
    // BullMQ waits 15 s after a failed command by default: a Redis that restarted is back sooner.
    runRetryDelay: 1_000,
  });
  worker.on('stalled', (id) => onNote(`job ${id.slice(0, 12)}: its worker is gone, given to another`));
  // Another worker has it, or will: whoever goes on with it waits for this one's files to be let go.
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id, 'its lock was lost')));
  worker.on('error', (error) => {
    if (/lock|Missing key/i.test(error.message)) onNote(`a job went to another worker meanwhile: ${error.message}`);
  });
  try {
    await worker.waitUntilReady();
    onNote(`worker ${hostname()}-${process.pid}: ${concurrency} at a time from ${address.shown}, files under ${process.cwd()}`);
    if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    onNote('stopping: finishing what has begun (once more to end at once: another worker takes it)');
  } finally {
    await worker.close();
    await threads.close();
    connection.close();
  }
}

function describeJob(job: Job<JobData>): string {
  const { label } = job.data;
  const attempt = job.attemptsMade + 1;
  return `${job.name} ${label}${attempt > 1 ? ` (attempt ${attempt})` : ''}`;
}
