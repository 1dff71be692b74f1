import { availableParallelism } from 'node:os';
import { ensureWritable } from '../atomic-file.js';
import { listCandleFiles } from '../candles/data-files.js';
import type { IgnoredFile } from '../candles/data-files.js';
import { isKnownEverywhere } from '../features/feature-recipes.js';
import type { Alignment } from '../features/feature-set.js';
import { loadFeatureSet } from './load-feature-set.js';
import { InputError } from '../errors.js';
import type { JobControl, PartialResults } from '../progress.js';
import { FEATURES } from './distributed/job-kinds.js';
import { runDistributed } from './distributed/run-distributed.js';
import { computeSymbols } from './feature-pool.js';
import type { FeatureFile, FeatureTask } from './symbol-features.js';

export type { FeatureFile } from './symbol-features.js';

export interface ComputeFeatureFilesOptions extends JobControl, PartialResults<FeatureFile> {
  /** Candle files, or folders of them; each symbol found gets a file of features, or monthly parts. */
  readonly candles: readonly string[];
  /** A set's name, or a file of one's own that exports a set. Default `v2-50`. */
  readonly featureSet?: string | undefined;
  /** Default `causal`. */
  readonly alignment?: Alignment | undefined;
  /** Folder to write to. Default `data/features`. */
  readonly outDir?: string | undefined;
  /** Symbols computed side by side. Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** Have the workers of this queue compute the symbols: `redis://host:6379[/prefix]`. */
  readonly queue?: string | undefined;
  /** What the queue has to say meanwhile. */
  readonly onNote?: ((note: string) => void) | undefined;
}

export interface FeatureFiles {
  readonly files: readonly FeatureFile[];
  /** Files of the folders that were not taken, and why. */
  readonly ignored: readonly IgnoredFile[];
  /** What reading did that the person should know. */
  readonly notes: readonly string[];
}

/**
 * Computes features for each symbol among the candle files: see `computeSymbolFeatures` for what is written where.
 * Symbols are computed side by side in worker threads; a set that was added in this process only, one after the other.
 * @throws InputError `cannot-write` before any work; what `computeSymbolFeatures` throws, naming the symbol, once the
 * other symbols are done.
 */
export async function computeFeatureFiles(options: ComputeFeatureFilesOptions): Promise<FeatureFiles> {
  const { outDir = 'data/features' } = options;
  const { set } = await loadFeatureSet(options.featureSet ?? 'v2-50', options.alignment);
  if (options.queue !== undefined && !isKnownEverywhere(set)) {
    throw new InputError(`the workers of a queue do not know ${set.name}`, { code: 'feature-set-local', hint: 'compute a set of your own without --queue' });
  }
  const { symbols, ignored } = listCandleFiles(options.candles);
  ensureWritable(outDir);
  const tasks = symbols.map(({ symbol, files }): FeatureTask => ({ symbol, sources: files, featureSet: set.name, alignment: set.alignment, outDir }));
  const workers = isKnownEverywhere(set) ? (options.workers ?? availableParallelism()) : 1;
  const files = options.queue === undefined ? await computeSymbols(tasks, workers, options) : await runDistributed(FEATURES, tasks, { ...options, queue: options.queue });
  return { files, ignored, notes: files.flatMap(({ notes }) => notes) };
}
