import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TemporaryError } from '../errors.js';
import type { Architecture } from '../models/architecture.js';
import { fromPlainError, type PlainError } from '../plain-error.js';
import { projectRoot } from '../project-root.js';
import type { ParameterLayout } from './flat-parameters.js';
import type { TrainingExamples } from './training-examples.js';
import type { GradientSettings } from './training-step.js';

export interface Splits<T> {
  readonly training: T;
  readonly validation: T;
}

/** What `part-worker.ts` begins with. */
export interface PartSetup {
  readonly architecture: Architecture;
  readonly layout: ParameterLayout;
  /** Their rows lie in shared memory. */
  readonly examples: Splits<TrainingExamples>;
  /** `[size]`, shared: read at each request. */
  readonly weights: Float32Array;
  /** `[size]`, shared: written before the reply to `gradient`. */
  readonly gradient: Float32Array;
}

export type PartRequest =
  /** `batchWeight` is of the whole batch. */
  | { readonly kind: 'gradient'; readonly batch: Int32Array; readonly settings: GradientSettings; readonly batchWeight: number }
  /** Of validation examples. */
  | { readonly kind: 'logits'; readonly batch: Int32Array };

export type PartReply = { readonly kind: 'ready' } | ComputedPart | { readonly kind: 'failed'; readonly error: PlainError };

export interface ComputedPart {
  readonly kind: 'computed';
  /** Of a `gradient`; else 0. */
  readonly loss: number;
  readonly logits: Float32Array;
}

/** A thread with a TensorFlow context of its own. One request at a time. */
export interface PartThread {
  readonly gradient: Float32Array;
  readonly ready: () => Promise<void>;
  readonly compute: (request: PartRequest) => Promise<ComputedPart>;
  readonly close: () => Promise<void>;
}

/** Its methods throw what failed in the thread; TemporaryError `training-thread-ended` when that ended. */
export function startPartThread(setup: PartSetup): PartThread {
  const workerData = { ...setup, module: join(projectRoot(), 'src/training/part-worker.ts') };
  const worker = new Worker(join(projectRoot(), 'bin/worker.js'), { workerData });
  let waiting: { readonly resolve: (reply: PartReply) => void; readonly reject: (error: Error) => void } | undefined;
  let gone: Error | undefined;
  const end = (how: string, cause?: Error): void => {
    gone ??= new TemporaryError(`a thread that computes part of each batch ended: ${how}`, { code: 'training-thread-ended', hint: 'run the same command again: it goes on where the last epoch ended', ...(cause && { cause }) });
    waiting?.reject(gone);
  };
  worker.on('message', (reply: PartReply) => (reply.kind === 'failed' ? waiting?.reject(fromPlainError(reply.error)) : waiting?.resolve(reply)));
  worker.on('error', (cause) => end(cause.message, cause));
  const ended = new Promise<void>((done) => {
    worker.on('exit', (status) => {
      end(`status ${status}`);
      done();
    });
  });
  const nextReply = (): Promise<PartReply> =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) return reject(gone);
      waiting = { resolve, reject };
    });
  const ready = nextReply();
  ready.catch(() => undefined);
  return {
    gradient: setup.gradient,
    ready: () => ready.then(() => undefined),
    compute(request) {
      const reply = nextReply();
      worker.postMessage(request);
      return reply as Promise<ComputedPart>;
    },
    close() {
      worker.postMessage('close');
      return ended;
    },
  };
}
