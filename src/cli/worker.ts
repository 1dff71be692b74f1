import { Command } from 'commander';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../errors.js';
import { runWorker } from '../workflows/distributed/run-worker.js';
import { onePath, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly queue: string;
  readonly concurrency: number;
  readonly root?: string;
}

/** `crpbot worker`: does jobs from a queue until it is stopped. */
export function workerCommand(finish: (status: number) => void, kindsModule?: string): Command {
  return new Command('worker')
    .description('Take jobs from a queue (Redis or Valkey) until stopped: see docs/scaling.md.')
    .requiredOption('--queue <url>', 'redis://[[user]:password@]host:6379[/prefix], rediss:// for TLS')
    .option('--concurrency <n>', 'jobs side by side, a thread each', wholeNumber(1, 256), 1)
    .option('--root <dir>', 'the shared folder that the paths of tasks start from (default: the current one)', onePath)
    .action(async ({ queue, concurrency, root }: Flags) => {
      if (root !== undefined) enterRoot(resolve(root));
      const session = openSession(false);
      try {
        await runWorker({ queue, concurrency, kindsModule, signal: session.control.signal, onNote: (note) => session.note(`${new Date().toISOString()} ${note}`) });
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function enterRoot(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new InputError(`${root} is not a folder`, { code: 'path-missing', place: { file: root }, hint: 'mount the shared folder first, or give another --root' });
  }
  process.chdir(root);
}
