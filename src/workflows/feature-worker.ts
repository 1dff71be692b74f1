// Runs in a worker thread (bin/worker.js): one symbol's features after another, as they are asked for.
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../plain-error.js';
import type { FeatureReply, FeatureRequest, FeatureWorkerSetup } from './feature-pool.js';
import { computeSymbolFeatures } from './symbol-features.js';

const port = parentPort;
if (port === null) throw new Error('feature-worker.ts runs in a worker thread only');
const reply = (message: FeatureReply): void => port.postMessage(message);
const stop = new Int32Array((workerData as FeatureWorkerSetup).stop);

port.on('message', ({ task }: FeatureRequest) => {
  const abort = new AbortController();
  // A message would not be heard between two columns, a shared flag is.
  const listen = (): void => {
    if (Atomics.load(stop, 0) === 1) abort.abort();
  };
  const timer = setInterval(listen, 20);
  computeSymbolFeatures(task, {
    signal: abort.signal,
    onProgress: ({ done }) => {
      listen();
      reply({ kind: 'progress', done });
    },
  })
    .then(
      (file) => reply({ kind: 'computed', file }),
      (error: unknown) => reply({ kind: 'failed', error: toPlainError(error) }),
    )
    .finally(() => clearInterval(timer));
});
