import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FeatureMonth } from '../features/feature-months.js';
import type { Alignment } from '../features/feature-set.js';
import { fromPlainError, toPlainError } from '../plain-error.js';
import type { PlainError } from '../plain-error.js';
import { projectRoot } from '../project-root.js';
import type { RecordMonth } from './month-piece.js';
import type { SymbolPieces } from './monthly-features.js';
import type { FeatureFile, FeatureTask } from './symbol-features.js';

/** Pieces of one symbol that several threads take from. */
export interface SharedPieces extends SymbolPieces {
  readonly featureSet: string;
  readonly alignment: Alignment;
  /** One number in shared memory: the first piece nobody has taken. */
  readonly next: SharedArrayBuffer;
}

export type FeatureRequest = { readonly task: FeatureTask } | { readonly pieces: SharedPieces };

export type FeatureReply =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'month'; readonly month: string; readonly made: FeatureMonth }
  | { readonly kind: 'computed'; readonly file: FeatureFile }
  | { readonly kind: 'no-piece-left' }
  | { readonly kind: 'failed'; readonly error: PlainError };

export interface FeatureWorkerSetup {
  readonly module: string;
  /** One number in shared memory: 1 to stop. */
  readonly stop: SharedArrayBuffer;
}

/** What became of one symbol. */
export type Outcome = { readonly task: FeatureTask; readonly file: FeatureFile } | { readonly task: FeatureTask; readonly error: PlainError };

/** A worker thread that computes features. It starts when it is first asked, and again if it died. */
export interface FeatureThread {
  compute(task: FeatureTask, onDone: (done: number) => void): Promise<Outcome>;
  /** Takes pieces until none is left. @throws the error of its piece. */
  help(pieces: SharedPieces, record: RecordMonth): Promise<void>;
  end(): Promise<void>;
}

/** @param stop one number in shared memory: 1 to stop */
export function openFeatureThread(stop: SharedArrayBuffer): FeatureThread {
  let worker: Worker | undefined;
  const ask = (request: FeatureRequest, onReply: (reply: FeatureReply) => void): Promise<FeatureReply> => {
    const asked = (worker ??= new Worker(join(projectRoot(), 'bin/worker.js'), {
      workerData: { module: join(projectRoot(), 'src/workflows/feature-worker.ts'), stop } satisfies FeatureWorkerSetup,
    }));
    return new Promise((resolve) => {
      const settle = (reply: FeatureReply): void => {
        asked.off('message', onMessage).off('error', onError).off('exit', onExit);
        resolve(reply);
      };
      const onMessage = (reply: FeatureReply): void => {
        if (reply.kind === 'progress' || reply.kind === 'month') onReply(reply);
        else settle(reply);
      };
      const died = (error: PlainError): void => {
        worker = undefined;
        settle({ kind: 'failed', error });
      };
      const onError = (error: Error): void => died(toPlainError(error));
      const onExit = (code: number): void => died({ name: 'Error', message: `its thread ended with status ${code}` });
      asked.on('message', onMessage).on('error', onError).on('exit', onExit);
      asked.postMessage(request);
    });
  };
  return {
    compute: async (task, onDone) => {
      const reply = await ask({ task }, (sofar) => void (sofar.kind === 'progress' && onDone(sofar.done)));
      if (reply.kind === 'computed') return { task, file: reply.file };
      return { task, error: errorOf(reply) };
    },
    help: async (pieces, record) => {
      const reply = await ask({ pieces }, (sofar) => void (sofar.kind === 'month' && record(sofar.month, sofar.made)));
      if (reply.kind !== 'no-piece-left') throw fromPlainError(errorOf(reply));
    },
    end: async () => void (await worker?.terminate()),
  };
}

function errorOf(reply: FeatureReply): PlainError {
  return reply.kind === 'failed' ? reply.error : { name: 'Error', message: `its thread answered ${reply.kind}` };
}
