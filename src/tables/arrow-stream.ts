import { flatBuffer } from './flatbuffer-writer.js';
import type { FlatFields } from './flatbuffer-writer.js';

/** Numbers of the schema: https://github.com/apache/arrow/blob/main/format/Message.fbs and Schema.fbs */
const VERSION_5 = 4;
const SCHEMA = 1;
const RECORD_BATCH = 3;
const FLOATING_POINT = 3;
const DOUBLE = 2;

/**
 * What stands before the values of an Arrow IPC stream of float64 columns without nulls: the schema's message and that of
 * the one record batch. The values follow, column after column, `rows` float64s each, little-endian; then nothing.
 */
export function arrowStreamHead(names: readonly string[], rows: number): Uint8Array {
  const columnBytes = 8 * rows;
  const fields = names.map((name): FlatFields => [{ text: name }, { uint8: 1 }, { uint8: FLOATING_POINT }, { table: [{ int16: DOUBLE }] }, undefined, { tables: [] }]);
  const nodes = names.map(() => [rows, 0]);
  // A column's two buffers: which rows are null (empty: none), and its values.
  const buffers = names.flatMap((_, column) => [[columnBytes * column, 0], [columnBytes * column, columnBytes]]);
  return Buffer.concat([
    message(SCHEMA, [undefined, { tables: fields }], 0),
    message(RECORD_BATCH, [{ int64: rows }, { structs: nodes }, { structs: buffers }], columnBytes * names.length),
  ]);
}

function message(kind: number, header: FlatFields, bodyBytes: number): Uint8Array {
  const described = flatBuffer([{ int16: VERSION_5 }, { uint8: kind }, { table: header }, { int64: bodyBytes }]);
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(0xffffffff, 0);
  prefix.writeUInt32LE(described.length, 4);
  return Buffer.concat([prefix, described]);
}
