import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Windows } from '../../datasets/windows.js';
import { projectRoot } from '../../project-root.js';
import type { JobControl } from '../../progress.js';
import { COUNTERS, type Reply, type Request, type WorkerSetup } from './scoring-protocol.js';

type Ready = Extract<Reply, { kind: 'ready' }>;

/** Threads that hold one session each and take batches from a shared counter until none is left. */
export interface ScoringPool {
  /** The model's signature, as ONNX Runtime reads it. */
  readonly signature: Ready;
  /** `[windows * each]`, `each` the number of probabilities the model gives a window. */
  score(windows: Windows, batch: number, label: string, control: JobControl, each?: number): Promise<Float64Array>;
  close(): Promise<void>;
}

const PROGRESS_EVERY_MS = 200;

/** @throws Error with ONNX Runtime's message when the model cannot be loaded */
export async function openPool(setup: Omit<WorkerSetup, 'threads'>, workerCount: number, threads: number): Promise<ScoringPool> {
  const workerData = { ...setup, threads, module: join(projectRoot(), 'src/engines/onnx/scoring-worker.ts') };
  const workers = Array.from({ length: workerCount }, () => new Worker(join(projectRoot(), 'bin/worker.js'), { workerData }));
  const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  const close = async () => {
    for (const worker of workers) {
      worker.ref();
      worker.postMessage({ kind: 'close' } satisfies Request);
    }
    await Promise.all(ended);
  };
  let signature: Ready;
  try {
    // Every thread answers before any is ended: one that is ended while ONNX Runtime loads takes the whole process with it.
    const replies = await Promise.allSettled(workers.map((worker) => nextReply(worker, 'ready')));
    const failed = replies.find((reply): reply is PromiseRejectedResult => reply.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    signature = (replies[0] as PromiseFulfilledResult<Ready>).value;
  } catch (error) {
    await close();
    throw error;
  }
  // An idle pool must not keep the process alive: a caller that failed to dispose still ends.
  for (const worker of workers) worker.unref();

  return {
    signature,
    async score(windows, batch, label, control, each = 1) {
      control.signal?.throwIfAborted();
      const total = windows.ends.length;
      const probability = new Float64Array(new SharedArrayBuffer(total * each * 8)).fill(NaN);
      const counters = new Int32Array(new SharedArrayBuffer(12));
      const sharedWindows = { ...windows, rows: shared(windows.rows), ends: shared(windows.ends) };
      const request: Request = { kind: 'score', windows: sharedWindows, probability, each, counters, batch: Math.min(batch, total) };
      const stop = () => Atomics.store(counters, COUNTERS.stop, 1);
      control.signal?.addEventListener('abort', stop, { once: true });
      const report = () => control.onProgress?.({ label, done: Atomics.load(counters, COUNTERS.done), total, unit: 'windows' });
      const timer = setInterval(report, PROGRESS_EVERY_MS);
      try {
        const replies = workers.map((worker) => nextReply(worker, 'scored'));
        for (const worker of workers) {
          worker.ref();
          worker.postMessage(request);
        }
        await Promise.all(replies).catch(async (error: unknown) => {
          stop();
          await Promise.allSettled(replies);
          throw error;
        });
      } finally {
        clearInterval(timer);
        control.signal?.removeEventListener('abort', stop);
        for (const worker of workers) worker.unref();
      }
      control.signal?.throwIfAborted();
      report();
      return probability;
    },
    close,
  };
}

function nextReply(worker: Worker, wanted: Reply['kind']): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (reply: Reply) => settle(() => (reply.kind === wanted ? resolve(reply) : reject(new Error(reply.kind === 'failed' ? reply.message : `a scoring thread answered ${reply.kind}, not ${wanted}`))));
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`a scoring thread ended with status ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/** The same values in shared memory; itself when they already are. */
function shared<T extends Float32Array | Int32Array>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(copy).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const Type = values.constructor as new (buffer: SharedArrayBuffer) => T;
  return new Type(copy);
}
