// Runs in a worker thread (bin/worker.js): a job computes for minutes without a turn of the event loop, while the main
// thread must renew the job's lock every two seconds.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../errors.js';
import { toPlainError } from '../../plain-error.js';
import type { AnyJobKind } from './job-kinds.js';
import { STOP_JOB, type JobReply, type JobRequest, type JobThreadSetup } from './job-protocol.js';

const port = parentPort;
if (port === null) throw new Error('job-thread.ts runs in a worker thread only');
const reply = (message: JobReply) => port.postMessage(message);

const PROGRESS_EVERY_MS = 500;

async function run({ kind: name, task }: JobRequest, signal: AbortSignal): Promise<unknown> {
  const { kindsModule } = workerData as JobThreadSetup;
  const { JOB_KINDS } = (await import(pathToFileURL(kindsModule).href)) as { readonly JOB_KINDS: readonly AnyJobKind[] };
  const kind = JOB_KINDS.find((known) => known.name === name);
  if (kind === undefined) {
    throw new InputError(`the worker on ${hostname()} knows no job "${name}"`, { code: 'unknown-job-kind', hint: 'run the same version of crpbot everywhere' });
  }
  for (const path of kind.inputs(task as never)) {
    if (existsSync(path)) continue;
    throw new InputError(`the worker on ${hostname()} does not see ${path} under ${process.cwd()}`, {
      code: 'worker-cannot-see',
      place: { file: path },
      hint: 'workers need the same files under the same relative paths: share the folder and start them with --root DIR',
    });
  }
  let told = 0;
  const onProgress = (event: Extract<JobReply, { is: 'progress' }>['event']) => {
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS) return;
    told = now;
    reply({ is: 'progress', event });
  };
  return kind.run(task as never, { onProgress, signal });
}

let current = new AbortController();

port.on('message', (request: JobRequest | typeof STOP_JOB) => {
  if (request === STOP_JOB) return current.abort();
  current = new AbortController();
  run(request, current.signal).then(
    (result) => reply({ is: 'done', result }),
    (error: unknown) => reply({ is: 'failed', error: toPlainError(error) }),
  );
});
