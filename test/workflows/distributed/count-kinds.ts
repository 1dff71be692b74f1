import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTextAtomically } from '../../../src/atomic-file.js';
import { InputError, TemporaryError } from '../../../src/errors.js';
import type { AnyJobKind, JobKind } from '../../../src/workflows/distributed/job-kinds.js';

/** Counts the letters of a file, slowly, without a turn of the event loop: as a feature kernel computes. */
export interface CountTask {
  readonly symbol: string;
  readonly sources: readonly string[];
  readonly outDir: string;
  readonly ms: number;
  readonly fails?: 'temporary-once' | 'input' | 'unexpected';
}

export interface Counted {
  readonly symbol: string;
  readonly letters: number;
  readonly process: number;
}

export const COUNT: JobKind<CountTask, Counted> = {
  name: 'count',
  unit: 'files',
  label: (task) => task.symbol,
  inputs: (task) => task.sources,
  run({ symbol, sources, outDir, ms, fails }, { onProgress }) {
    appendFileSync(join(outDir, '..', 'starts.log'), `${symbol} ${process.pid}\n`);
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let done = 1; done <= 4; done++) {
      Atomics.wait(pause, 0, 0, ms / 4);
      onProgress?.({ label: symbol, done, total: 4, unit: 'quarters' });
    }
    if (fails === 'input') throw new InputError(`${symbol} has a bad row`, { code: 'bad-row', place: { file: sources[0], row: 7, column: 'close' }, hint: 'mend it' });
    if (fails === 'unexpected') throw new TypeError('cannot read properties of undefined');
    const marker = join(outDir, '..', `${symbol}.failed`);
    if (fails === 'temporary-once' && !existsSync(marker)) {
      writeFileSync(marker, '');
      throw new TemporaryError('the share is away', { code: 'share-away' });
    }
    const letters = sources.reduce((sum, source) => sum + readFileSync(source, 'utf8').length, 0);
    writeTextAtomically(join(outDir, `${symbol}.txt`), `${symbol} ${letters}\n`);
    return Promise.resolve({ symbol, letters, process: process.pid });
  },
};

export const JOB_KINDS: readonly AnyJobKind[] = [COUNT];
