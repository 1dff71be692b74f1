import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkCandles } from '../candles/check-candles.js';
import { CANDLE_COLUMNS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import { joinCandles, lastCandles } from '../candles/join-candles.js';
import { repairsOfFiles } from '../candles/repair/repair-record.js';
import { readParquetCandles } from '../candles/read-parquet.js';
import { hashCandleFiles } from '../candles/store/hash-parts.js';
import { InputError } from '../errors.js';
import { emptyFeatureMonths, isPartThere, monthOfPart, nextChain, readFeatureMonths, startChain, writeFeatureMonths } from '../features/feature-months.js';
import type { FeatureMonth, FeatureMonths } from '../features/feature-months.js';
import type { FeatureRecipe, RecursiveState } from '../features/feature-recipe.js';
import type { NamedColumn } from '../features/named-columns.js';
import type { JobControl } from '../progress.js';
import { hashFile } from '../tables/hash-file.js';
import { readParquet, writeParquet } from '../tables/parquet.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

/** A symbol's candles of one month: a part of a candle store. */
export interface MonthSource {
  readonly month: string;
  readonly file: string;
}

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
}

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
  const record = (month: string, made: FeatureMonth): void => {
    const months = { ...manifest.months, [month]: made };
    manifest = { ...manifest, months: Object.fromEntries(Object.entries(months).sort(([a], [b]) => (a < b ? -1 : 1))) };
    writeFeatureMonths(folder, manifest);
  };
  if (stale.length > 0) await (recipe.contextRows === undefined ? computeWhole(run, plan, record) : computeInTurn(run, plan, recipe.contextRows, record));
  const rows = Object.values(manifest.months).reduce((sum, month) => sum + month.rows, 0);
  return { rows, months: { total: sources.length, computed: stale.length } };
}

interface PlannedMonth extends MonthSource {
  readonly source: string;
  readonly chain: string;
  /** The part that is there already. */
  readonly kept: FeatureMonth | undefined;
}

function planMonths({ sources, recipe, folder, symbol }: Run, before: FeatureMonths | undefined): readonly PlannedMonth[] {
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

type RecordMonth = (month: string, made: FeatureMonth) => void;

async function computeInTurn(run: Run, plan: readonly PlannedMonth[], contextRows: number, record: RecordMonth): Promise<void> {
  const { recipe, folder, control } = run;
  let context: Candles | undefined;
  let state: RecursiveState = {};
  for (const [index, month] of plan.entries()) {
    if (month.kept !== undefined) {
      context = undefined;
      state = month.kept.state;
    } else {
      await turnOfEventLoop();
      control.signal?.throwIfAborted();
      if (index > 0) context ??= lastCandlesBefore(run.symbol, plan, index, contextRows);
      const own = readMonth(run.symbol, month);
      const candles = context === undefined ? own : joinCandles([context, own]);
      const firstRow = candles.time.length - own.time.length;
      const continuation = firstRow === 0 ? undefined : { firstRow, state };
      let after: RecursiveState = {};
      const columns = recipe.compute(candles, continuation, (known) => (after = known));
      const made = writePart(folder, month, own, rowsFrom(columns, firstRow, control.signal));
      record(month.month, { ...made, state: after });
      state = after;
      context = lastCandles(candles, contextRows);
    }
    report(run, index + 1);
  }
}

async function computeWhole(run: Run, plan: readonly PlannedMonth[], record: RecordMonth): Promise<void> {
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
    report(run, index + 1);
  }
}

function* rowsFrom(columns: Iterable<NamedColumn>, firstRow: number, signal: AbortSignal | undefined): Generator<NamedColumn> {
  for (const [name, values] of columns) {
    signal?.throwIfAborted();
    yield [name, values.subarray(firstRow)];
  }
}

function writePart(folder: string, { month, source, chain }: PlannedMonth, candles: Candles, columns: Iterable<NamedColumn>): Omit<FeatureMonth, 'state'> {
  const file = join(folder, `${month}.parquet`);
  writeParquet(file, withCandles(candles, columns), { timeColumn: 'timestamp' });
  const { time } = candles;
  const isoTime = (ms: number): string => new Date(ms).toISOString();
  return { rows: time.length, first: isoTime(time[0]), last: isoTime(time[time.length - 1]), source, chain, sha256: hashFile(file), bytes: statSync(file).size };
}

function* withCandles(candles: Candles, columns: Iterable<NamedColumn>): Generator<NamedColumn> {
  yield ['timestamp', candles.time];
  for (const name of CANDLE_COLUMNS) yield [name, candles[name]];
  yield* columns;
}

/** The last `rows` candles of the months before the one at `index`; fewer where there are not so many. */
function lastCandlesBefore(symbol: string, plan: readonly PlannedMonth[], index: number, rows: number): Candles {
  const parts: Candles[] = [];
  let found = 0;
  for (let at = index - 1; at >= 0 && found < rows; at--) {
    const part = readMonth(symbol, plan[at]);
    parts.unshift(part);
    found += part.time.length;
  }
  return lastCandles(joinCandles(parts), rows);
}

/** One month's candles, checked; none of them of another month. That they are of a minute the folder says: in a thin market no two need be neighbours. */
function readMonth(symbol: string, { month, file }: MonthSource): Candles {
  const { candles, placeOf } = readParquetCandles(file, symbol);
  checkCandles(candles, placeOf);
  const { time } = candles;
  const stray = [time[0], time[time.length - 1]].find((ms) => !new Date(ms).toISOString().startsWith(month));
  if (stray !== undefined) {
    throw new InputError(`${file} is named ${month} and holds a candle of ${new Date(stray).toISOString()}`, {
      code: 'candle-part-month',
      place: { file, row: stray === time[0] ? 0 : time.length - 1 },
      hint: 'a monthly part holds the candles of its month (UTC), no others: collect or import it again',
    });
  }
  return candles;
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

function report({ control, symbol, sources }: Run, done: number): void {
  control.onProgress?.({ label: `features ${symbol}`, done, total: sources.length, unit: 'months' });
}
