import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Candles } from '../candles/candles.js';
import { joinCandles } from '../candles/join-candles.js';
import { repairsOfFiles } from '../candles/repair/repair-record.js';
import { hashCandleFiles } from '../candles/store/hash-parts.js';
import { InputError } from '../errors.js';
import { emptyFeatureMonths, isPartThere, monthOfPart, nextChain, readFeatureMonths, startChain, writeFeatureMonths } from '../features/feature-months.js';
import type { FeatureMonth, FeatureMonths } from '../features/feature-months.js';
import type { FeatureRecipe, RecursiveState } from '../features/feature-recipe.js';
import type { JobControl } from '../progress.js';
import { readParquet } from '../tables/parquet.js';
import { computePiece, readMonth, rowsFrom, stateAfter, writePart, type MonthPiece, type MonthSource, type PlannedMonth, type RecordMonth } from './month-piece.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

export interface MonthlyFeatures {
  readonly rows: number;
  readonly months: { readonly total: number; readonly computed: number };
}

/** The parts as months in order, when all are `<yyyy-mm>.parquet` of one `1m` folder; else undefined. */
export function monthSources(files: readonly string[]): readonly MonthSource[] | undefined {
  const folder = dirname(resolve(files[0]));
  const months = files.map((file) => ({ month: monthOfPart(basename(file)) ?? '', file }));
  const ofOneStore = basename(folder) === '1m' && months.every(({ month, file }) => month !== '' && dirname(resolve(file)) === folder);
  return ofOneStore ? months.sort((a, b) => (a.month < b.month ? -1 : 1)) : undefined;
}

/** What one symbol's run works with. */
interface Run {
  readonly symbol: string;
  readonly sources: readonly MonthSource[];
  readonly recipe: FeatureRecipe;
  readonly folder: string;
  readonly control: JobControl;
  /** Has several threads compute the pieces; resolves once each month was recorded. */
  readonly share?: SharePieces | undefined;
}

/** One symbol's pieces, for several threads. */
export interface SymbolPieces {
  readonly symbol: string;
  readonly folder: string;
  readonly pieces: readonly MonthPiece[];
}

export type SharePieces = (work: SymbolPieces, record: RecordMonth) => Promise<void>;

/** Months of a piece that is one of several: a piece reads the month before it again. */
const SHARED_MONTHS = 3;

/**
 * Computes a symbol's features month by month into `folder`, each part from its own candles, the last `contextRows` before
 * them and what recursive kernels know: to the byte what a run over everything writes, in memory for one month. A part
 * that is there and depends on nothing that changed stays. Killed anywhere and run again, it goes on where it was.
 * A recipe without `contextRows` is computed over the whole history, and whole again whenever anything changed.
 * @throws InputError `candles-too-few`, `candle-part-month` (a candle of another month), what
 * `checkCandles`, `readParquetCandles` and `writeParquet` throw.
 */
export async function computeMonthlyFeatures(run: Run): Promise<MonthlyFeatures> {
  const { sources, recipe, folder, symbol } = run;
  refuseTooFew(run);
  removeStrangers(folder, sources);
  const before = manifestBefore(folder);
  const plan = planMonths(run, before);
  const stale = plan.filter(({ kept }) => kept === undefined);
  let manifest: FeatureMonths = { ...emptyFeatureMonths(recipe, symbol, repairsOfFiles([sources[0].file])[0]?.summary), months: Object.fromEntries(plan.flatMap(({ month, kept }) => (kept === undefined ? [] : [[month, kept]]))) };
  // What is about to change is first taken out of the manifest: a part it names is always the part it describes.
  if (stale.length > 0 || JSON.stringify(manifest) !== JSON.stringify(before)) writeFeatureMonths(folder, manifest);
  let done = sources.length - stale.length;
  const record = (month: string, made: FeatureMonth): void => {
    const months = { ...manifest.months, [month]: made };
    manifest = { ...manifest, months: Object.fromEntries(Object.entries(months).sort(([a], [b]) => (a < b ? -1 : 1))) };
    writeFeatureMonths(folder, manifest);
    run.control.onProgress?.({ label: `features ${symbol}`, done: ++done, total: sources.length, unit: 'months' });
  };
  if (recipe.contextRows !== undefined) await computePieces(run, plan, record);
  else if (stale.length > 0) await computeWhole(run, plan, record);
  const rows = Object.values(manifest.months).reduce((sum, month) => sum + month.rows, 0);
  return { rows, months: { total: sources.length, computed: stale.length } };
}

/** A month, with the part that is there already. */
type Month = PlannedMonth & { readonly kept: FeatureMonth | undefined };

function planMonths({ sources, recipe, folder, symbol }: Run, before: FeatureMonths | undefined): readonly Month[] {
  const hashes = hashCandleFiles(sources.map(({ file }) => file));
  const start = startChain(recipe, symbol);
  let chain = start;
  const whole = recipe.contextRows === undefined ? hashes.reduce(nextChain, start) : undefined;
  const plan = sources.map((part, index) => {
    chain = nextChain(chain, hashes[index]);
    const dependsOn = whole ?? chain;
    const record = before?.months[part.month];
    const kept = record?.chain === dependsOn && isPartThere(folder, part.month, record) ? record : undefined;
    return { ...part, source: hashes[index], chain: dependsOn, kept };
  });
  // Computed over everything, months do not come singly.
  return whole !== undefined && plan.some(({ kept }) => kept === undefined) ? plan.map((month) => ({ ...month, kept: undefined })) : plan;
}

/**
 * The months to compute as pieces, each with what it needs to begin: one piece for months that follow each other, or
 * pieces of at most `most` months, for several threads. What recursive kernels know between them then comes from the closes alone.
 */
function piecesOf({ recipe }: Run, plan: readonly Month[], most: number): readonly MonthPiece[] {
  const pieces: { months: PlannedMonth[]; before: readonly MonthSource[]; state: RecursiveState }[] = [];
  let current: (typeof pieces)[number] | undefined;
  let state: RecursiveState | undefined = {};
  for (const [index, { kept, ...month }] of plan.entries()) {
    if (kept !== undefined) {
      current = undefined;
      state = kept.state;
      continue;
    }
    if (state !== undefined && (current === undefined || current.months.length >= most)) {
      current = { months: [], before: plan.slice(0, index).map(({ month, file }) => ({ month, file })), state };
      pieces.push(current);
    }
    current?.months.push(month);
    const goesOn = index + 1 < plan.length && plan[index + 1].kept === undefined;
    state = Number.isFinite(most) && state !== undefined && goesOn ? stateAfter(recipe, month, state, plan[index - 1]) : undefined;
  }
  return pieces;
}

async function computePieces(run: Run, plan: readonly Month[], record: RecordMonth): Promise<void> {
  const { symbol, recipe, folder, control, share } = run;
  if (share !== undefined) return share({ symbol, folder, pieces: piecesOf(run, plan, SHARED_MONTHS) }, record);
  for (const piece of piecesOf(run, plan, Infinity)) await computePiece(symbol, recipe, folder, piece, record, control.signal);
}

async function computeWhole(run: Run, plan: readonly Month[], record: RecordMonth): Promise<void> {
  const parts: Candles[] = [];
  for (const month of plan) parts.push(readMonth(run.symbol, month));
  const candles = joinCandles(parts);
  const columns = [...rowsFrom(run.recipe.compute(candles), 0, run.control.signal)];
  let from = 0;
  for (const [index, month] of plan.entries()) {
    await turnOfEventLoop();
    run.control.signal?.throwIfAborted();
    const to = from + parts[index].time.length;
    const start = from;
    const made = writePart(run.folder, month, parts[index], columns.map(([name, values]) => [name, values.slice(start, to)] as const));
    record(month.month, { ...made, state: {} });
    from = to;
  }
}

function refuseTooFew({ sources, recipe: { set }, symbol }: Run): void {
  let rows = 0;
  for (const { file } of sources) {
    rows += readParquet(file).rows;
    if (rows > set.warmupRows) return;
  }
  throw new InputError(`${symbol} has ${rows} candles, too few for a complete row of ${set.name}`, {
    code: 'candles-too-few',
    place: { file: sources[0].file },
    hint: `give at least ${set.warmupRows + 1}`,
  });
}

/** A manifest that cannot be read says nothing: everything is computed again. */
function manifestBefore(folder: string): FeatureMonths | undefined {
  try {
    return readFeatureMonths(folder);
  } catch {
    return undefined;
  }
}

/** Removes parts of months that have no candles any more. */
function removeStrangers(folder: string, sources: readonly MonthSource[]): void {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return;
  const wanted = new Set(sources.map(({ month }) => month));
  for (const name of readdirSync(folder)) {
    const month = monthOfPart(name);
    if (month !== undefined && !wanted.has(month)) rmSync(join(folder, name), { force: true });
  }
}
