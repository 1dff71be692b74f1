import { mkdirSync } from 'node:fs';
import { ensureWritable } from '../atomic-file.js';
import { takeSeriesLock, type SeriesLock } from '../candles/store/series-lock.js';
import { TemporaryError } from '../errors.js';
import { stateFolder } from './training-state.js';

/** The only right to write one run's state. @throws TemporaryError `training-busy`, naming the process; InputError `cannot-write`. */
export function takeTrainingLock(folder: string, run: string): SeriesLock {
  const place = stateFolder(folder, run);
  ensureWritable(folder);
  mkdirSync(place, { recursive: true });
  const lock = asTrainingLock(run, () => takeSeriesLock(place));
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
