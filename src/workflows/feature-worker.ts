// Runs in a worker thread (bin/worker.js): one symbol's features after another, or pieces of one, as they are asked for.
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../plain-error.js';
import type { FeatureReply, FeatureRequest, FeatureWorkerSetup } from './feature-thread.js';
import { computeShared } from './shared-pieces.js';
import { computeSymbolFeatures } from './symbol-features.js';

const port = parentPort;
if (port === null) throw new Error('feature-worker.ts runs in a worker thread only');
const reply = (message: FeatureReply): void => port.postMessage(message);
const stop = new Int32Array((workerData as FeatureWorkerSetup).stop);

port.on('message', (request: FeatureRequest) => {
  const abort = new AbortController();
  // A message would not be heard between two columns, a shared flag is.
  const listen = (): void => {
    if (Atomics.load(stop, 0) === 1) abort.abort();
  };
  const timer = setInterval(listen, 20);
  answer(request, abort.signal, listen)
    .then(reply, (error: unknown) => reply({ kind: 'failed', error: toPlainError(error) }))
    .finally(() => clearInterval(timer));
});

async function answer(request: FeatureRequest, signal: AbortSignal, listen: () => void): Promise<FeatureReply> {
  if ('pieces' in request) {
    await computeShared(request.pieces, (month, made) => {
      listen();
      reply({ kind: 'month', month, made });
    }, signal);
    return { kind: 'no-piece-left' };
  }
  const onProgress = ({ done }: { readonly done: number }): void => {
    listen();
    reply({ kind: 'progress', done });
  };
  return { kind: 'computed', file: await computeSymbolFeatures(request.task, { signal, onProgress }) };
}
