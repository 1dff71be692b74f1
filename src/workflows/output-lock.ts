import { join } from 'node:path';
import { ensureWritable } from '../atomic-file.js';
import { TemporaryError } from '../errors.js';
import { featureMonthsFolder } from '../features/feature-months.js';
import type { FeatureSet } from '../features/feature-set.js';
import { removeAbandoned } from '../temporary-file.js';
import { takeWriteLock } from '../write-lock.js';
import type { WriteLock } from '../write-lock.js';
import { monthSources } from './monthly-features.js';

interface Output {
  readonly symbol: string;
  readonly sources: readonly string[];
  readonly outDir: string;
}

const ASK_AGAIN_MS = 1000;

/**
 * The only right to write a symbol's features of one set: a folder of monthly parts, or a file. Makes the folder.
 * @throws TemporaryError `features-busy` once others held it for `patienceMs`; InputError `cannot-write`; the signal's reason.
 */
export async function takeOutputLock({ symbol, outDir, sources }: Output, set: FeatureSet, { signal, patienceMs }: { readonly signal?: AbortSignal | undefined; readonly patienceMs: number }): Promise<WriteLock> {
  const byMonth = monthSources(sources) !== undefined;
  const folder = byMonth ? featureMonthsFolder(outDir, set, symbol) : outDir;
  const lock = join(folder, byMonth ? '.writing.lock' : `.features_${symbol}_${set.columns.length}feat.lock`);
  ensureWritable(folder);
  const until = Date.now() + patienceMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const taken = takeWriteLock(lock, { code: 'features-busy', writes: `the features of ${symbol}` });
      removeAbandoned(folder);
      return taken;
    } catch (error) {
      if (!(error instanceof TemporaryError) || Date.now() >= until) throw error;
      await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
    }
  }
}
