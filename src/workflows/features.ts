import { join } from 'node:path';
import { ensureWritable } from '../atomic-file.js';
import { listCandleFiles } from '../candles/data-files.js';
import type { IgnoredFile } from '../candles/data-files.js';
import { readCandles } from '../candles/read-candles.js';
import { InputError } from '../errors.js';
import { featureColumns } from '../features/compute-features.js';
import type { Alignment, FeatureSet } from '../features/feature-set.js';
import { featureSet } from '../features/feature-sets.js';
import type { NamedColumn } from '../features/named-columns.js';
import { writeFeatureColumns } from '../features/write-feature-table.js';
import type { JobControl } from '../progress.js';
import { hashFile } from '../tables/hash-file.js';

export interface ComputeFeatureFilesOptions extends JobControl {
  /** Candle files, or folders of them; each symbol found gets a file of features. */
  readonly candles: readonly string[];
  /** Default `v2-50`. */
  readonly featureSet?: string | undefined;
  /** Default `causal`. */
  readonly alignment?: Alignment | undefined;
  /** Folder to write to. Default `data/features`. */
  readonly outDir?: string | undefined;
}

/** One feature file written. */
export interface FeatureFile {
  readonly symbol: string;
  readonly file: string;
  readonly featureSet: FeatureSet;
  readonly rows: number;
  /** Rows in which every column has a value. */
  readonly completeRows: number;
}

export interface FeatureFiles {
  readonly files: readonly FeatureFile[];
  /** Files of the folders that were not taken, and why. */
  readonly ignored: readonly IgnoredFile[];
  /** What reading did that the person should know. */
  readonly notes: readonly string[];
}

/**
 * Computes features for each symbol among the candle files and writes `features_<SYMBOL>_1m_<last day>_<n>feat.parquet`
 * with its record beside it. Columns are computed as they are written: two years of one symbol need well under 1 GB.
 * @throws InputError `cannot-write` before any work; `candles-too-few` where no row would be complete; what `readCandles` and `writeFeatureColumns` throw.
 */
export async function computeFeatureFiles(options: ComputeFeatureFilesOptions): Promise<FeatureFiles> {
  const { onProgress, signal, outDir = 'data/features' } = options;
  const set = featureSet(options.featureSet ?? 'v2-50', options.alignment);
  const { symbols, ignored } = listCandleFiles(options.candles);
  ensureWritable(outDir);
  const files: FeatureFile[] = [];
  const notes: string[] = [];
  for (const { symbol, files: sources } of symbols) {
    const candles = readCandles(sources, { symbol, onNote: (note) => notes.push(note) });
    await turnOfEventLoop();
    signal?.throwIfAborted();
    const rows = candles.time.length;
    if (rows <= set.warmupRows) {
      throw new InputError(`${symbol} has ${rows} candles, too few for a complete row of ${set.name}`, {
        code: 'candles-too-few',
        place: { file: sources[0] },
        hint: `give at least ${set.warmupRows + 1}`,
      });
    }
    const day = new Date(candles.time[rows - 1]).toISOString().slice(0, 10);
    const file = join(outDir, `features_${symbol}_1m_${day}_${set.columns.length}feat.parquet`);
    const columns = reported(featureColumns(candles, set), `features ${symbol}`, set.columns.length, { onProgress, signal });
    writeFeatureColumns(file, set, candles, columns, sources.map((source) => ({ file: source, sha256: hashFile(source) })));
    files.push({ symbol, file, featureSet: set, rows, completeRows: rows - set.warmupRows });
    await turnOfEventLoop();
    signal?.throwIfAborted();
  }
  return { files, ignored, notes };
}

/** Passes columns on and reports each; stops when told to. */
function* reported(columns: Iterable<NamedColumn>, label: string, total: number, { onProgress, signal }: JobControl): Generator<NamedColumn> {
  let done = 0;
  for (const column of columns) {
    signal?.throwIfAborted();
    yield column;
    onProgress?.({ label, done: ++done, total, unit: 'columns' });
  }
}

/** Lets an interrupt be heard, and polars give back the memory of what was read or written. */
async function turnOfEventLoop(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}
