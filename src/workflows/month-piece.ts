import { statSync } from 'node:fs';
import { join } from 'node:path';
import { checkCandles } from '../candles/check-candles.js';
import { CANDLE_COLUMNS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import { joinCandles, lastCandles } from '../candles/join-candles.js';
import { readParquetCandles } from '../candles/read-parquet.js';
import { InputError } from '../errors.js';
import type { FeatureMonth } from '../features/feature-months.js';
import type { FeatureRecipe, RecursiveState } from '../features/feature-recipe.js';
import type { NamedColumn } from '../features/named-columns.js';
import { hashFile } from '../tables/hash-file.js';
import { readParquet, writeParquet } from '../tables/parquet.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

/** A symbol's candles of one month: a part of a candle store. */
export interface MonthSource {
  readonly month: string;
  readonly file: string;
}

/** A month to compute, and what its features depend on: see `FeatureMonth`. */
export interface PlannedMonth extends MonthSource {
  readonly source: string;
  readonly chain: string;
}

/** Months of a symbol that follow each other, to be computed in turn by whoever takes them: plain JSON. */
export interface MonthPiece {
  readonly months: readonly PlannedMonth[];
  /** The months before them, for context. */
  readonly before: readonly MonthSource[];
  /** What recursive kernels know after those. */
  readonly state: RecursiveState;
}

/** Told of each month as soon as its part is written. */
export type RecordMonth = (month: string, made: FeatureMonth) => void;

/**
 * Computes the months of a piece into `folder`, each from its own candles, the last `contextRows` before them and what
 * recursive kernels know.
 * @throws InputError `candle-part-month`; what `checkCandles`, `readParquetCandles` and `writeParquet` throw; the signal's reason.
 */
export async function computePiece(symbol: string, recipe: FeatureRecipe, folder: string, piece: MonthPiece, record: RecordMonth, signal?: AbortSignal): Promise<void> {
  const { contextRows = Infinity } = recipe;
  let { state } = piece;
  let context = piece.before.length === 0 ? undefined : lastCandlesOf(symbol, piece.before, contextRows);
  for (const month of piece.months) {
    await turnOfEventLoop();
    signal?.throwIfAborted();
    const own = readMonth(symbol, month);
    const candles = context === undefined ? own : joinCandles([context, own]);
    const firstRow = candles.time.length - own.time.length;
    const continuation = firstRow === 0 ? undefined : { firstRow, state };
    let after: RecursiveState = {};
    const columns = recipe.compute(candles, continuation, (known) => (after = known));
    const made = writePart(folder, month, own, rowsFrom(columns, firstRow, signal));
    record(month.month, { ...made, state: after });
    state = after;
    context = lastCandles(candles, contextRows);
  }
}

/**
 * What recursive kernels know after a month's closes, without its features; undefined where they cannot be read, which
 * the month's own turn says. @param before the month before, after which they knew `state`.
 */
export function stateAfter(recipe: FeatureRecipe, month: MonthSource, state: RecursiveState, before: MonthSource | undefined): RecursiveState | undefined {
  if (recipe.advance === undefined) return {};
  const own = closesOf(month);
  if (own === undefined) return undefined;
  if (before === undefined) return recipe.advance(own);
  const last = closesOf(before, 1);
  if (last === undefined) return undefined;
  const close = new Float64Array(own.length + 1);
  close.set(last);
  close.set(own, 1);
  return recipe.advance(close, { firstRow: 1, state });
}

function closesOf({ file }: MonthSource, lastRows = Infinity): Float64Array | undefined {
  try {
    return readParquet(file, { lastRows }).column('close');
  } catch {
    return undefined;
  }
}

/** Each column from a row on; stops when told to. */
export function* rowsFrom(columns: Iterable<NamedColumn>, firstRow: number, signal: AbortSignal | undefined): Generator<NamedColumn> {
  for (const [name, values] of columns) {
    signal?.throwIfAborted();
    yield [name, values.subarray(firstRow)];
  }
}

/** Writes a part, and says what it is. */
export function writePart(folder: string, { month, source, chain }: PlannedMonth, candles: Candles, columns: Iterable<NamedColumn>): Omit<FeatureMonth, 'state'> {
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

/** The last `rows` candles of months that follow each other; fewer where there are not so many. Each month was checked in its own turn. */
function lastCandlesOf(symbol: string, months: readonly MonthSource[], rows: number): Candles {
  const parts: Candles[] = [];
  let found = 0;
  for (let at = months.length - 1; at >= 0 && found < rows; at--) {
    const { candles } = readParquetCandles(months[at].file, symbol, { lastRows: rows - found });
    parts.unshift(candles);
    found += candles.time.length;
  }
  return joinCandles(parts);
}

/** One month's candles, checked; none of them of another month. That they are of a minute the folder says: in a thin market no two need be neighbours. */
export function readMonth(symbol: string, { month, file }: MonthSource): Candles {
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
