import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readCandles } from '../candles/read-candles.js';
import { repairNotes } from '../candles/repair/repair-record.js';
import { InputError } from '../errors.js';
import { featureMonthsFolder } from '../features/feature-months.js';
import { featureRecipe } from '../features/feature-recipes.js';
import type { FeatureRecipe } from '../features/feature-recipe.js';
import type { Alignment, FeatureSet } from '../features/feature-set.js';
import type { NamedColumn } from '../features/named-columns.js';
import { writeFeatureColumns } from '../features/write-feature-table.js';
import type { JobControl } from '../progress.js';
import { hashFile } from '../tables/hash-file.js';
import { computeMonthlyFeatures, monthSources, type SharePieces } from './monthly-features.js';
import { takeOutputLock } from './output-lock.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

/** One symbol's features to compute: plain JSON, so that any thread, process or host can do it. */
export interface FeatureTask {
  /** Canonical: `BTC-USD`. */
  readonly symbol: string;
  /** Candle files of the symbol. */
  readonly sources: readonly string[];
  readonly featureSet: string;
  readonly alignment: Alignment;
  readonly outDir: string;
}

/** What was written for one symbol: plain JSON. */
export interface FeatureFile {
  readonly symbol: string;
  /** The file, or the folder of monthly parts. */
  readonly file: string;
  readonly featureSet: FeatureSet;
  readonly rows: number;
  /** Rows in which every column has a value. */
  readonly completeRows: number;
  /** How many monthly parts there are, and how many of them had to be computed now; absent for a single file. */
  readonly months?: { readonly total: number; readonly computed: number };
  /** What reading did that the person should know. */
  readonly notes: readonly string[];
}

export interface SymbolFeaturesOptions {
  /** How long to wait for others that write the same features. Default 0. */
  readonly lockPatienceMs?: number;
  /** Monthly parts are computed by several threads: see `computeMonthlyFeatures`. */
  readonly share?: SharePieces | undefined;
}

/**
 * Computes one symbol's features. Of a candle store (`…/1m/<yyyy-mm>.parquet`) monthly parts are made, in
 * `<outDir>/<set>/<symbol>/1m`, of which only what changed is computed; of other files one,
 * `<outDir>/features_<symbol>_1m_<last day>_<n>feat.parquet`, with its record beside it.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`, `candles-too-few` where no row would be complete,
 * `cannot-write`, `candle-part-month`; what `readCandles` throws; TemporaryError `features-busy` while another run, or
 * host, writes the same features and `lockPatienceMs` have passed; the signal's reason when stopped.
 */
export async function computeSymbolFeatures(task: FeatureTask, control: JobControl = {}, { lockPatienceMs = 0, share }: SymbolFeaturesOptions = {}): Promise<FeatureFile> {
  const recipe = featureRecipe(task.featureSet, task.alignment);
  const { signal, onProgress } = control;
  const lock = await takeOutputLock(task, recipe.set, { signal, patienceMs: lockPatienceMs });
  const reported: JobControl['onProgress'] = (event) => {
    lock.check();
    onProgress?.(event);
  };
  try {
    return await computeLocked(task, recipe, { signal, onProgress: reported }, share);
  } finally {
    lock.release();
  }
}

async function computeLocked(task: FeatureTask, recipe: FeatureRecipe, control: JobControl, share: SharePieces | undefined): Promise<FeatureFile> {
  const { symbol, outDir } = task;
  const { set } = recipe;
  const notes: string[] = [];
  const onNote = (note: string): void => void notes.push(note);
  notes.push(...repairNotes(symbol, task.sources));
  const sources = monthSources(task.sources);
  if (sources === undefined) return { ...(await computeFile(task, recipe, control, onNote)), notes };
  const folder = featureMonthsFolder(outDir, set, symbol);
  const { rows, months } = await computeMonthlyFeatures({ symbol, sources, recipe, folder, control, share });
  return { symbol, file: folder, featureSet: set, rows, completeRows: rows - set.warmupRows, months, notes };
}

/** How many steps a task reports, and of what. */
export function stepsOf(task: FeatureTask): { readonly total: number; readonly unit: 'months' | 'columns' } {
  if (monthSources(task.sources) !== undefined) return { total: task.sources.length, unit: 'months' };
  return { total: featureRecipe(task.featureSet, task.alignment).set.columns.length, unit: 'columns' };
}

/**
 * About how many monthly parts a task has to compute: from the first on that is missing or older than its candles. By
 * their dates, not their content. Undefined where it is no candle store.
 */
export function monthsToCompute(task: FeatureTask): number | undefined {
  const sources = monthSources(task.sources);
  if (sources === undefined) return undefined;
  const folder = featureMonthsFolder(task.outDir, featureRecipe(task.featureSet, task.alignment).set, task.symbol);
  const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const first = sources.findIndex(({ month, file }) => changed(join(folder, `${month}.parquet`)) <= changed(file));
  return first === -1 ? 0 : sources.length - first;
}

async function computeFile(task: FeatureTask, recipe: FeatureRecipe, control: JobControl, onNote: (note: string) => void): Promise<Omit<FeatureFile, 'notes'>> {
  const { symbol, sources, outDir } = task;
  const { set } = recipe;
  const candles = readCandles(sources, { symbol, onNote });
  await turnOfEventLoop();
  control.signal?.throwIfAborted();
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
  const columns = reported(recipe.compute(candles), `features ${symbol}`, set.columns.length, control);
  writeFeatureColumns(file, set, candles, columns, sources.map((source) => ({ file: source, sha256: hashFile(source) })));
  await turnOfEventLoop();
  control.signal?.throwIfAborted();
  return { symbol, file, featureSet: set, rows, completeRows: rows - set.warmupRows };
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
