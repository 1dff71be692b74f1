import type { Candles } from '../candles/candles.js';
import { columnRules } from './column-rules.js';
import type { ColumnRule } from './column-rules.js';
import { featureColumns } from './compute-features.js';
import type { FeatureSet } from './feature-set.js';
import type { NamedColumns } from './named-columns.js';

/** A column that is not what its candles give. */
export interface ColumnMismatch {
  readonly column: string;
  /** The first row that differs, what stands there and what the candles give. */
  readonly row: number;
  readonly given: number;
  readonly computed: number;
  /** Rows that differ, of how many compared. */
  readonly rows: number;
  readonly compared: number;
}

/** How feature columns of unknown origin compare with one feature set computed from their own candles. */
export interface AlignmentFit {
  readonly featureSet: FeatureSet;
  readonly fits: boolean;
  /** Columns that differ in more rows than they may, in the set's order. */
  readonly mismatches: readonly ColumnMismatch[];
  /** Columns of which no row could be compared: the table is too short. */
  readonly untested: readonly string[];
}

interface Comparison extends ColumnMismatch {
  readonly differs: boolean;
}

/** Compares columns, row by row from `from` on, with the feature set computed from the candles beside them. */
export function fitAlignment(given: NamedColumns, candles: Candles, featureSet: FeatureSet, from: number): AlignmentFit {
  const ruleOf = columnRules(given, candles, featureSet);
  const mismatches: ColumnMismatch[] = [];
  const untested: string[] = [];
  for (const [column, computed] of featureColumns(candles, featureSet)) {
    const rule = ruleOf(column);
    const result = compareColumn(column, given[column], computed, candles.close, { ...rule, from: Math.max(from, rule.from) });
    if (result.compared === 0) untested.push(column);
    if (result.differs) mismatches.push(result);
  }
  return { featureSet, fits: mismatches.length === 0 && untested.length === 0, mismatches, untested };
}

/** Near ties are rare where ranges are summed with care: more of them than one row in this many are no accident. */
const ROWS_A_NEAR_TIE = 100;

function compareColumn(column: string, given: Float64Array, computed: Float64Array, close: Float64Array, rule: ColumnRule): Comparison {
  const { from, to, relative, absolute, ofClose, memory, drift, nearTie, mayDiffer } = rule;
  const compared = Math.max(0, to - from);
  let [rows, ties] = [0, 0];
  let [first, firstTie] = [-1, -1];
  for (let row = from; row < to; row++) {
    const difference = Math.abs(given[row] - computed[row]);
    const usual = relative * Math.abs(computed[row]) + absolute + ofClose * close[row];
    if (difference <= usual) continue;
    if (row < memory.length && difference <= memory[row]) continue;
    if (drift !== undefined && difference <= usual + drift(row)) continue;
    if (nearTie?.(row, given[row]) === true) {
      ties++;
      if (firstTie < 0) firstTie = row;
    } else {
      rows++;
      if (first < 0) first = row;
    }
  }
  if (first < 0) first = firstTie;
  const differs = rows > mayDiffer * compared || ties > compared / ROWS_A_NEAR_TIE;
  return { column, row: first, given: given[first] ?? NaN, computed: computed[first] ?? NaN, rows: rows + ties, compared, differs };
}

/** The columns that have no value in the first rows of a history, and never repeat themselves unless the market stands still. */
const FILLED_COLUMNS = ['rsi', 'macd', 'macd_signal', 'macd_diff', 'bb_high', 'bb_low', 'bb_width', 'bb_position'];

/** What the head of a table shows: rows without values, values taken from later rows, or values of earlier candles. */
export type Head = 'empty' | 'filled-backward' | 'continued';

/**
 * Reads a table's head. A column filled backward repeats its first true value, over as many rows as that value's
 * window needs, and then moves on.
 */
export function headOf(given: NamedColumns): Head {
  let empty = false;
  for (const column of FILLED_COLUMNS) {
    const values = given[column];
    const missing = column.startsWith('bb_') ? 19 : column === 'rsi' ? 13 : column === 'macd' ? 25 : 33;
    if (values.length < missing + 2) continue;
    if (Number.isNaN(values[0])) empty = true;
    else if (values.subarray(0, missing).every((value) => value === values[missing]) && values[missing] !== values[missing + 1]) {
      return 'filled-backward';
    }
  }
  return empty ? 'empty' : 'continued';
}
