import pl from 'nodejs-polars';
import type { DataFrame } from 'nodejs-polars';
import { arrowStreamHead } from './arrow-stream.js';

/** Room before the values, for the head that is known once all columns are. */
const HEAD_BYTES = 2 ** 16;
const BODY_BYTES = 2 ** 25;

/** Kept from call to call: fresh memory costs more than what is copied into it. */
let scratch: Buffer | undefined;

/**
 * A polars frame of float64 columns of equal length, which are taken one at a time and copied. They go to polars as Arrow,
 * as many at a time as 32 MB hold: `pl.Series` would take a typed array value by value, and is 20 times slower.
 * @throws RangeError when lengths differ.
 */
export function frameOfColumns(columns: Iterable<readonly [name: string, values: Float64Array | (() => Float64Array)]>): DataFrame {
  const frames: DataFrame[] = [];
  let group: string[] = [];
  let rows: number | undefined;
  let room = 0;
  let values: Float64Array = new Float64Array();
  let bytes: Buffer = Buffer.alloc(0);
  const flush = (): void => {
    if (group.length > 0) frames.push(readArrow(bytes, group, rows ?? 0));
    group = [];
  };
  for (const [name, given] of columns) {
    const column = typeof given === 'function' ? given() : given;
    if (rows === undefined) {
      rows = column.length;
      room = Math.max(1, Math.floor(BODY_BYTES / (8 * rows)));
      bytes = scratchFor(8 * rows);
      values = new Float64Array(bytes.buffer, bytes.byteOffset + HEAD_BYTES, (bytes.length - HEAD_BYTES) / 8);
    }
    if (column.length !== rows) throw new RangeError(`column ${name} has ${column.length} rows, the first column ${rows}`);
    values.set(column, rows * group.length);
    if (group.push(name) >= room) flush();
  }
  flush();
  if (frames.length === 0) return pl.DataFrame({});
  return frames.length === 1 ? frames[0] : pl.concat(frames, { how: 'horizontal' });
}

function readArrow(bytes: Buffer, names: readonly string[], rows: number): DataFrame {
  const head = arrowStreamHead(names, rows);
  const end = HEAD_BYTES + 8 * rows * names.length;
  if (head.length > HEAD_BYTES) return pl.readIPCStream(Buffer.concat([head, bytes.subarray(HEAD_BYTES, end)]));
  bytes.set(head, HEAD_BYTES - head.length);
  return pl.readIPCStream(bytes.subarray(HEAD_BYTES - head.length, end));
}

function scratchFor(columnBytes: number): Buffer {
  const bytes = HEAD_BYTES + Math.max(BODY_BYTES, columnBytes);
  if (scratch !== undefined && bytes === scratch.length) return scratch;
  const made = Buffer.allocUnsafeSlow(bytes);
  if (columnBytes <= BODY_BYTES) scratch = made;
  return made;
}
