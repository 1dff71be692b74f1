import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pl from 'nodejs-polars';
import type { DataFrame, DataType, Series } from 'nodejs-polars';
import { writeAtomically } from '../atomic-file.js';
import { InputError } from '../errors.js';
import { frameOfColumns } from './frame-of-columns.js';
import type { ColumnKind } from './parquet-schema.js';
import { checkParquetStructure, unreadable } from './parquet-structure.js';

/** A Parquet file, opened: its columns are read one at a time, when asked for. */
export interface ParquetTable {
  readonly file: string;
  readonly rows: number;
  /** In the file's order. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** A date or datetime of any unit, with or without zone. */
  isTime(name: string): boolean;
  isText(name: string): boolean;
  isNumber(name: string): boolean;
  /**
   * `[rows]` as float64: nulls are NaN, booleans 0 and 1, integers widened; a date or datetime becomes ms since the
   * epoch, UTC (one without a zone is read as UTC).
   * @throws InputError `column-missing`, `column-not-numeric` for text or nested values, `parquet-unreadable`.
   */
  column(name: string): Float64Array;
  /**
   * The same, after a turn of the event loop: only there does polars give back the memory of the column before. Read
   * many large columns with this one (56 columns of 1,051,200 rows: 0.3 GB at the peak instead of 1.0 GB).
   */
  columnAsync(name: string): Promise<Float64Array>;
  /** `[rows]` of a text column; nulls are null. @throws InputError `column-missing`, `column-not-text`. */
  texts(name: string): readonly (string | null)[];
}

export interface ReadParquetOptions {
  /** Only these columns, in this order. */
  readonly columns?: readonly string[];
  /** Only the last so many rows, or all there are. */
  readonly lastRows?: number;
}

/**
 * Opens a Parquet file.
 * @throws InputError `file-missing`, `parquet-unreadable` (not Parquet, truncated, damaged), `column-missing`.
 */
export function readParquet(file: string, options: ReadParquetOptions = {}): ParquetTable {
  const { rows: stored, columns } = checkParquetStructure(file);
  const rows = Math.min(stored, options.lastRows ?? stored);
  const source = sourceOf(file);
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  const kindOf = (name: string): ColumnKind => {
    const kind = kinds.get(name);
    if (kind === undefined) throw missingColumn(file, name, [...kinds.keys()]);
    return kind;
  };
  const names = options.columns ?? [...kinds.keys()];
  names.forEach(kindOf);

  const frameOf = (name: string): DataFrame => {
    const frame = guarded(file, () => pl.readParquet(source, { columns: [name] }));
    if (frame.height !== stored) {
      throw unreadable(file, `column ${name} holds ${frame.height} rows where the file says ${stored}`);
    }
    return rows === stored ? frame : guarded(file, () => frame.tail(rows));
  };
  const column = (name: string): Float64Array => {
    const kind = kindOf(name);
    if (kind !== 'number' && kind !== 'time') throw wrongKind(file, name, kind, 'a number or a time');
    const frame = frameOf(name);
    return guarded(file, () => toFloat64(frame, name));
  };
  return {
    file,
    rows,
    names: [...names],
    has: (name) => kinds.has(name),
    isTime: (name) => kindOf(name) === 'time',
    isText: (name) => kindOf(name) === 'text',
    isNumber: (name) => kindOf(name) === 'number',
    column,
    columnAsync: async (name) => {
      await new Promise((done) => setImmediate(done));
      return column(name);
    },
    texts: (name) => {
      const kind = kindOf(name);
      if (kind !== 'text') throw wrongKind(file, name, kind, 'text');
      return guarded(file, () => frameOf(name).getColumn(name).cast(pl.Utf8).toArray() as (string | null)[]);
    },
  };
}

/** polars' own default, which its `writeParquet` uses. */
const ZSTD_LEVEL = 3;

export interface WriteParquetOptions {
  /** This column, ms since the epoch, is written as a datetime (ms, UTC). */
  readonly timeColumn?: string;
  /** Columns of whole numbers written as int64; all others are float64. NaN becomes null there. */
  readonly integerColumns?: readonly string[];
}

/**
 * Writes columns of equal length, zstd-compressed, whole or not at all. Columns are taken from the iterable (and from
 * the functions in it) one at a time, so that the caller can make each when it is asked for and keep none.
 * @throws InputError `cannot-write`.
 */
export function writeParquet(
  file: string,
  columns: Iterable<readonly [name: string, values: Float64Array | (() => Float64Array)]>,
  options: WriteParquetOptions = {},
): void {
  const frame = frameToWrite(columns, options);
  writeAtomically(file, (temporary) => sink(frame, resolve(temporary)));
}

/**
 * Writes by polars' streaming engine, which compresses on every core; its `writeParquet` uses one. In 0.24.1 what
 * `sinkParquet` returns is the native query itself, whose `collectSync` must be told the engine.
 */
function sink(frame: DataFrame, path: string): void {
  const query = frame.lazy().sinkParquet(path, {
    compression: 'zstd',
    compressionLevel: ZSTD_LEVEL,
    statistics: true,
    sinkOptions: { syncOnClose: 'none', maintainOrder: true, mkdir: false },
  });
  (query as unknown as { collectSync(engine: 'streaming'): void }).collectSync('streaming');
}

/** The bytes `writeParquet` would write, for a file that is written together with others. */
export function parquetBytes(columns: Iterable<readonly [name: string, values: Float64Array]>, options: WriteParquetOptions = {}): Uint8Array {
  return frameToWrite(columns, options).writeParquet({ compression: 'zstd' });
}

function frameToWrite(columns: Parameters<typeof writeParquet>[1], { timeColumn, integerColumns = [] }: WriteParquetOptions): DataFrame {
  const frame = frameOfColumns(columns);
  const integers = integerColumns.filter((name) => name !== timeColumn && frame.columns.includes(name)).map((name) => pl.col(name).cast(pl.Int64));
  const times = timeColumn === undefined || !frame.columns.includes(timeColumn) ? [] : [pl.col(timeColumn).cast(pl.Int64).cast(pl.Datetime('ms', 'UTC'))];
  return integers.length + times.length === 0 ? frame : frame.lazy().withColumns(...times, ...integers).collectSync();
}

/** polars takes a string for a path only when it ends in `.parquet`, and expands `~`: anything else goes in as bytes. */
function sourceOf(file: string): string {
  return file.endsWith('.parquet') ? resolve(file) : (readFileSync(file) as unknown as string);
}

/** A column of numbers or times as float64: nulls are NaN, times ms since the epoch, UTC. */
export function toFloat64(frame: DataFrame, name: string): Float64Array {
  const stored: Series = frame.getColumn(name);
  const type = (stored as { readonly dtype: DataType }).dtype;
  if (type.variant === 'Float64' && stored.nullCount() === 0) return ownCopy(stored);
  const isTime = type.variant === 'Datetime' || type.variant === 'Date';
  // A datetime goes through int64, and nulls are filled in a lazy expression: the eager and direct forms throw.
  const number = isTime ? pl.col(name).cast(pl.Int64) : pl.col(name);
  const filled = frame.lazy().select(number.cast(pl.Float64).fillNull(pl.lit(NaN)).alias(name)).collectSync();
  const values = ownCopy(filled.getColumn(name));
  if (isTime) toMs(values, type);
  return values;
}

/** Node's garbage collector does not count what polars allocates: with its array kept, it would never begin to collect. */
function ownCopy(series: Series): Float64Array {
  return new Float64Array(series.toTypedArray() as Float64Array);
}

/** In place. Divided, not multiplied by an inexact reciprocal: whole minutes stay whole. */
function toMs(values: Float64Array, type: DataType): void {
  if (type.variant === 'Date') for (let row = 0; row < values.length; row++) values[row] = values[row] * 86_400_000;
  const { timeUnit } = type as { timeUnit?: string };
  const perMs = timeUnit === 'ns' ? 1_000_000 : timeUnit === 'us' ? 1_000 : 1;
  if (perMs !== 1) for (let row = 0; row < values.length; row++) values[row] = values[row] / perMs;
}

function wrongKind(file: string, name: string, kind: ColumnKind, needed: string): InputError {
  const held = kind === 'other' ? 'values that are neither numbers, times nor text' : `${kind}s`;
  return new InputError(`column ${name} of ${file} holds ${held}; ${needed} is needed`, {
    code: needed === 'text' ? 'column-not-text' : 'column-not-numeric',
    place: { file, column: name },
    hint: `write the column as ${needed === 'text' ? 'text' : 'numbers or datetimes'}`,
  });
}

function missingColumn(file: string, name: string, names: readonly string[]): InputError {
  return new InputError(`${file} has no column ${name}`, {
    code: 'column-missing',
    place: { file, column: name },
    hint: `its columns are ${names.join(', ')}`,
  });
}

/** polars reports a damaged file as a plain Error, a panic included. */
function guarded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(file, reason.split('\n')[0], cause);
  }
}
