import { MINUTE_MS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import { InputError } from '../errors.js';
import { createRandom } from '../random.js';
import type { Random } from '../random.js';
import { featureColumns } from './compute-features.js';
import type { FeatureSet } from './feature-set.js';
import type { NamedColumns } from './named-columns.js';

/** Any computation of features: columns `[rows]` from candles, a value a candle. */
export type ComputeColumns = (candles: Candles) => NamedColumns;

/** A column that changed in a row when only later candles did. */
export interface LookAhead {
  readonly column: string;
  /** The row that changed, and the last row that was left as it was: every changed candle is after `unchangedUpTo`. */
  readonly row: number;
  readonly unchangedUpTo: number;
  /** The value with the true future and with another one. */
  readonly value: number;
  readonly changedTo: number;
  /** At how many of the rows tried the column looked ahead. */
  readonly times: number;
}

export interface LookAheadOptions {
  /** How many random rows to try. Default 200. */
  readonly rows?: number;
  /** The same seed tries the same rows and futures. Default 1. */
  readonly seed?: number;
  /** Candles kept before a tried row: at least the longest memory a leak needs to show. Default 500. */
  readonly before?: number;
  /** Candles kept after it: a leak from further ahead is not found. Default 1,440, a day. */
  readonly after?: number;
}

/**
 * Looks for features that see the future. At random rows t everything after t is changed, in four ways: other prices
 * and volumes, other times, fewer candles, none. A column whose value at or before t is no longer the same, bit by bit,
 * looks ahead; each is named once, with its first finding. An empty answer is what honest features give.
 *
 * Only a slice around t is computed, so that two years of candles take no longer than a day. Every other slice starts
 * at a random row close before t, so that leaks at a table's head (back-filled values) are found too.
 * @throws InputError `candles-too-few` for fewer than two candles, `feature-length` when a column has not one value a candle.
 */
export function findLookAhead(features: FeatureSet | ComputeColumns, candles: Candles, options: LookAheadOptions = {}): readonly LookAhead[] {
  const { rows = 200, seed = 1, before = 500, after = 1440 } = options;
  const count = candles.time.length;
  if (count < 2) throw new InputError(`${count} candles are too few to look for a look-ahead`, { code: 'candles-too-few', hint: 'give at least 2' });
  const compute: ComputeColumns = typeof features === 'function' ? features : (given) => Object.fromEntries(featureColumns(given, features));
  const random = createRandom(seed);
  const found = new Map<string, LookAhead>();
  for (let attempt = 0; attempt < rows; attempt++) {
    const t = Math.floor(random() * (count - 1));
    const reach = attempt % 2 === 0 ? before : Math.floor(random() * before);
    const start = Math.max(0, t - reach);
    const slice = sliceCandles(candles, start, Math.min(count, t + 1 + after));
    const kept = t + 1 - start;
    const truth = compute(slice);
    checkLengths(truth, slice.time.length);
    const leaking = new Map<string, Omit<LookAhead, 'times'>>();
    for (const other of otherFutures(slice, kept, random)) {
      for (const [column, values] of Object.entries(compute(other))) {
        if (leaking.has(column) || truth[column] === undefined) continue;
        const row = firstDifference(truth[column], values, kept);
        if (row < 0) continue;
        leaking.set(column, { column, row: start + row, unchangedUpTo: t, value: truth[column][row], changedTo: values[row] });
      }
    }
    for (const [column, leak] of leaking) found.set(column, { ...leak, ...found.get(column), times: (found.get(column)?.times ?? 0) + 1 });
  }
  return [...found.values()];
}

function checkLengths(columns: NamedColumns, rows: number): void {
  for (const [column, values] of Object.entries(columns)) {
    if (values.length === rows) continue;
    throw new InputError(`${column} has ${values.length} values for ${rows} candles`, {
      code: 'feature-length',
      place: { column },
      hint: 'compute one value for each candle, NaN where there is none',
    });
  }
}

/** The slice with its first `kept` candles as they are and another future after them. */
function* otherFutures(slice: Candles, kept: number, random: Random): Generator<Candles> {
  const rows = slice.time.length;
  const after = (values: Float64Array, change: (value: number, row: number) => number): Float64Array =>
    values.map((value, row) => (row < kept ? value : change(value, row)));

  const factors = Float64Array.from({ length: rows }, () => Math.exp(0.2 * (random() - 0.5)));
  const price = (value: number, row: number): number => value * factors[row];
  yield {
    ...slice,
    open: after(slice.open, price),
    high: after(slice.high, price),
    low: after(slice.low, price),
    close: after(slice.close, price),
    volume: after(slice.volume, (value) => value * (0.5 + random()) + random()),
  };
  const delay = MINUTE_MS * (1 + Math.floor(90 * random()));
  yield { ...slice, time: after(slice.time, (time) => time + delay) };
  yield sliceCandles(slice, 0, kept + Math.floor((rows - kept) * random()));
  yield sliceCandles(slice, 0, kept);
}

/** Row of the first value, among the first `rows`, that is not the very same (NaN is the same as NaN); -1 for none. */
function firstDifference(expected: Float64Array, actual: Float64Array, rows: number): number {
  for (let row = 0; row < rows; row++) if (!Object.is(expected[row], actual[row])) return row;
  return -1;
}

/** Candles `[from, to)`, as views. */
export function sliceCandles(candles: Candles, from: number, to: number): Candles {
  const { symbol, time, open, high, low, close, volume } = candles;
  const cut = (values: Float64Array): Float64Array => values.subarray(from, to);
  return { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
}
