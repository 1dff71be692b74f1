import { mkdirSync } from 'node:fs';
import { ensureWritable } from '../atomic-file.js';
import { takeSeriesLock, type SeriesLock } from '../candles/store/series-lock.js';
import { TemporaryError } from '../errors.js';
import { stateFolder } from './training-state.js';

const ASK_AGAIN_MS = 1000;

/**
 * The only right to write one run's state. The lock of a process of this host that has ended is taken over at once, any
 * other that gave no sign of life for a minute.
 * @throws TemporaryError `training-busy`, naming the process, once it held the lock for `patienceMs`; InputError
 * `cannot-write`; the signal's reason.
 */
export async function takeTrainingLock(folder: string, run: string, { patienceMs, signal }: { readonly patienceMs: number; readonly signal?: AbortSignal | undefined }): Promise<SeriesLock> {
  const place = stateFolder(folder, run);
  ensureWritable(folder);
  const until = Date.now() + patienceMs;
  let lock: SeriesLock | undefined;
  while (lock === undefined) {
    signal?.throwIfAborted();
    // Again each time: who held the lock removes the folder when it has written its model.
    mkdirSync(place, { recursive: true });
    try {
      lock = asTrainingLock(run, () => takeSeriesLock(place));
    } catch (error) {
      if (!(error instanceof TemporaryError) || Date.now() >= until) throw error;
      await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
    }
  }
  return guarded(run, lock);
}

function guarded(run: string, lock: SeriesLock): SeriesLock {
  return { check: () => asTrainingLock(run, () => lock.check()), release: () => lock.release() };
}

function asTrainingLock<T>(run: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof TemporaryError)) throw cause;
    throw new TemporaryError(`${run} is being trained already: ${cause.message}`, {
      code: 'training-busy',
      ...(cause.place === undefined ? {} : { place: cause.place }),
      hint: 'wait for it or end it, or choose another --out; the lock of a process that has ended is taken over by itself',
      cause,
    });
  }
}
