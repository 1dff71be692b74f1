import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TemporaryError } from '../../errors.js';
import { fromPlainError } from '../../plain-error.js';
import { projectRoot } from '../../project-root.js';
import type { OnProgress } from '../../progress.js';
import { STOP_JOB, type JobReply, type JobRequest, type JobThreadSetup } from './job-protocol.js';

/** Threads that do one job at a time each, and are used again. */
export interface JobThreads {
  /** Runs one job in a free thread, or in a new one; `signal` asks it to stop. Rejects with what the job threw. */
  run(request: JobRequest, onProgress: OnProgress, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

export function openJobThreads(kindsModule: string): JobThreads {
  const free: Worker[] = [];
  const start = () => {
    const workerData: JobThreadSetup & { module: string } = { kindsModule, module: join(projectRoot(), 'src/workflows/distributed/job-thread.ts') };
    return new Worker(join(projectRoot(), 'bin/worker.js'), { workerData });
  };
  return {
    async run(request, onProgress, signal) {
      const thread = free.pop() ?? start();
      thread.ref();
      // A thread that ended is not put back: the next job starts a new one.
      const stop = () => thread.postMessage(STOP_JOB);
      signal?.addEventListener('abort', stop, { once: true });
      const outcome = await answerOf(thread, request, onProgress).finally(() => signal?.removeEventListener('abort', stop));
      thread.unref();
      free.push(thread);
      if (outcome.is === 'failed') throw fromPlainError(outcome.error);
      return outcome.result;
    },
    async close() {
      await Promise.all(free.splice(0).map((thread) => thread.terminate()));
    },
  };
}

function answerOf(thread: Worker, request: JobRequest, onProgress: OnProgress): Promise<Exclude<JobReply, { is: 'progress' }>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (reply: JobReply) => (reply.is === 'progress' ? onProgress(reply.event) : settle(() => resolve(reply)));
    const ended = (why: string, cause?: unknown) =>
      new TemporaryError(`the thread of this job ended: ${why}`, { code: 'job-thread-ended', hint: 'a worker with more memory, or with a smaller --concurrency, may do it', cause });
    const onError = (error: Error) => settle(() => reject(ended(error.message, error)));
    const onExit = (code: number) => settle(() => reject(ended(`status ${code}`)));
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(request);
  });
}
