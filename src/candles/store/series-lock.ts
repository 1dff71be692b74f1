import { join } from 'node:path';
import { takeWriteLock } from '../../write-lock.js';
import type { WriteLock } from '../../write-lock.js';

/** Its `check` throws TemporaryError `store-busy` when it was taken over. */
export type SeriesLock = WriteLock;

/**
 * Takes the only right to write in a series' folder: `.writing.lock`; see `takeWriteLock`.
 * @throws TemporaryError `store-busy`, naming the process; InputError `cannot-write`.
 */
export function takeSeriesLock(folder: string): SeriesLock {
  return takeWriteLock(join(folder, '.writing.lock'), { code: 'store-busy', writes: 'this series' });
}
