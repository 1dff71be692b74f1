import { readFileSync } from 'node:fs';
import pl from 'nodejs-polars';
import type { DataFrame } from 'nodejs-polars';
import { InputError } from '../errors.js';
import type { FeatherColumn } from './feather-structure.js';
import { checkFeatherStructure, featherUnreadable } from './feather-structure.js';
import { toFloat64 } from './parquet.js';

/** A Feather file in memory. */
export interface FeatherTable {
  readonly file: string;
  readonly rows: number;
  /** In the file's order. */
  readonly columns: readonly FeatherColumn[];
  /** `[rows]` of a column of numbers or times as float64: nulls are NaN, times ms since the epoch, UTC. @throws InputError `column-not-numeric`, `feather-unreadable` */
  column(name: string): Float64Array;
  /** `[rows]` of a text column; nulls are null. @throws InputError `feather-unreadable` */
  texts(name: string): readonly (string | null)[];
}

/** What is taken into memory at once. */
const mostBytes = 2 ** 30;

/**
 * Opens a Feather file, version 2: plain, LZ4 or Zstandard, as pandas and freqtrade write it.
 * @throws InputError `file-missing`, `feather-unreadable` (another format, truncated, damaged)
 */
export function readFeather(file: string): FeatherTable {
  const bytes = bytesOf(file);
  if (bytes.length > mostBytes) throw featherUnreadable(file, `it has ${bytes.length} bytes, at most ${mostBytes} are read`);
  const { rows, columns } = checkFeatherStructure(bytes, file);
  const frameOf = (name: string): DataFrame => {
    const frame = guarded(file, () => pl.readIPC(bytes, { columns: [name] }));
    if (frame.height !== rows || frame.width !== 1) throw featherUnreadable(file, `column ${name} holds ${frame.height} rows where the file says ${rows}`);
    return frame;
  };
  return {
    file,
    rows,
    columns,
    column: (name) => {
      if (columns.find((column) => column.name === name)?.kind === 'text') {
        throw new InputError(`column ${name} of ${file} holds text; numbers are needed`, { code: 'column-not-numeric', place: { file, column: name }, hint: 'write the column as numbers' });
      }
      return rows === 0 ? new Float64Array(0) : guarded(file, () => toFloat64(frameOf(name), name));
    },
    texts: (name) => guarded(file, () => frameOf(name).getColumn(name).cast(pl.Utf8).toArray() as (string | null)[]),
  };
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot open ${file}: ${reason}`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  }
}

/** polars reports a damaged file as a plain Error, a panic included. */
function guarded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw featherUnreadable(file, reason.split('\n')[0], cause);
  }
}
