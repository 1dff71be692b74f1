import { InputError } from '../errors.js';
import { FlatBufferError, FlatTable } from './flatbuffer.js';

/** What a column of a Feather file holds; a time of the unit, or a date in days. */
export type FeatherKind = 'number' | 'text' | 'time';

export interface FeatherColumn {
  readonly name: string;
  readonly kind: FeatherKind;
}

export interface FeatherStructure {
  readonly rows: number;
  readonly columns: readonly FeatherColumn[];
}

interface Layout extends FeatherColumn {
  /** Bytes of a value; of text, its offset's. 0: a bit. */
  readonly width: number;
}

/** As for Parquet: 127 years of minutes. */
const mostRows = 2 ** 26;
const mostTextBytes = 2 ** 29;
const magic = Buffer.from('ARROW1');
const recordBatch = 3;
/** Buffers are padded to 64 bytes at most. */
const padding = 64;

/**
 * Walks the skeleton of a Feather file, version 2 (an Arrow IPC file: footer, schema, the description of each batch) and
 * compares what it claims with what is there, before the native reader meets it. Only flat columns of numbers, times
 * and text. Format: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 * @throws InputError `feather-unreadable`
 */
export function checkFeatherStructure(bytes: Uint8Array, file: string): FeatherStructure {
  try {
    return structureOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    if (cause instanceof FlatBufferError) throw featherUnreadable(file, cause.message, cause);
    throw cause;
  }
}

export function featherUnreadable(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} is not a readable Feather file: ${reason}`, {
    code: 'feather-unreadable',
    place: { file },
    hint: 'the file is damaged, incomplete or of another format: write it again, or export Parquet',
    cause,
  });
}

/** What a claim of the file must be, or else the file is damaged. */
function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new FlatBufferError(otherwise);
}

function structureOf(bytes: Buffer): FeatherStructure {
  expect(bytes.length >= 8 && !bytes.subarray(0, 4).equals(Buffer.from('FEA1')), 'it is of version 1: write it with version=2');
  expect(bytes.subarray(0, 6).equals(magic), 'it does not begin with ARROW1');
  expect(bytes.length >= 18 && bytes.subarray(-6).equals(magic), 'it does not end with ARROW1 (cut off?)');
  const footerBytes = bytes.readInt32LE(bytes.length - 10);
  expect(footerBytes > 0 && footerBytes <= bytes.length - 18, `its footer claims ${footerBytes} bytes of ${bytes.length}`);
  const footerStart = bytes.length - 10 - footerBytes;
  const footer = FlatTable.root(bytes.subarray(footerStart, footerStart + footerBytes));
  const schema = footer.table(1);
  expect(schema !== undefined, 'it has no schema');
  expect(schema.int16(0) === 0, 'it is big-endian');
  expect(footer.structs(2, 24, [0]).length === 0, 'it holds dictionaries (categories): write plain columns');
  const columns = schema.tables(1).map(layoutOf);
  expect(columns.length > 0, 'it has no columns');
  expect(new Set(columns.map(({ name }) => name)).size === columns.length, 'it names two columns alike');
  let rows = 0;
  for (const [offset, bodyBytes] of footer.structs(3, 24, [0, 16])) {
    rows += checkBatch(bytes.subarray(0, footerStart), offset, bodyBytes, columns);
    expect(rows <= mostRows, `it claims ${rows} rows or more, at most ${mostRows} are read`);
  }
  return { rows, columns: columns.map(({ name, kind }) => ({ name, kind })) };
}

function layoutOf(field: FlatTable): Layout {
  const name = field.text(0);
  const type = field.table(3);
  expect(field.tables(5).length === 0 && field.table(4) === undefined && type !== undefined, `column ${name} is nested or a category`);
  switch (field.uint8(2)) {
    case 2: {
      const bits = type.int32(0);
      expect([8, 16, 32, 64].includes(bits), `column ${name} has integers of ${bits} bits`);
      return { name, kind: 'number', width: bits / 8 };
    }
    case 3: {
      const precision = type.int16(0);
      expect(precision === 1 || precision === 2, `column ${name} has numbers of an unknown precision`);
      return { name, kind: 'number', width: 4 * precision };
    }
    case 5:
      return { name, kind: 'text', width: 4 };
    case 20:
      return { name, kind: 'text', width: 8 };
    case 8:
      // The unit's default is 1, ms in 8 bytes; 0 is days in 4.
      return { name, kind: 'time', width: type.int16(0, 1) === 0 ? 4 : 8 };
    case 10:
      expect(type.int16(0) >= 0 && type.int16(0) <= 3, `column ${name} has an unknown unit of time`);
      expect(isTimeZone(type.text(1)), `column ${name} is in an unknown time zone`);
      return { name, kind: 'time', width: 8 };
    default:
      throw new FlatBufferError(`column ${name} holds values that are neither numbers, times nor text`);
  }
}

/** None, or a name as in the tz database: polars panics at any other. */
function isTimeZone(name: string): boolean {
  if (name === '') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

function checkBatch(bytes: Buffer, offset: number, bodyBytes: number, columns: readonly Layout[]): number {
  expect(offset >= 8 && offset + 8 <= bytes.length, 'a batch lies outside the file');
  expect(bytes.readUInt32LE(offset) === 0xffffffff, 'a batch is not where it should be');
  const metaBytes = bytes.readInt32LE(offset + 4);
  const body = offset + 8 + metaBytes;
  expect(metaBytes > 0 && bodyBytes >= 0 && body + bodyBytes <= bytes.length, 'a batch ends outside the file');
  const message = FlatTable.root(bytes.subarray(offset + 8, body));
  expect(message.uint8(1) === recordBatch, 'a batch is none');
  expect(message.int64(3) === bodyBytes, 'a batch and the footer disagree about its size');
  const batch = message.table(2);
  expect(batch !== undefined, 'a batch is empty');
  const rows = batch.int64(0);
  expect(rows >= 0 && rows <= mostRows, `a batch claims ${rows} rows`);
  const nodes = batch.structs(1, 16, [0, 8]);
  const buffers = batch.structs(2, 16, [0, 8]);
  const compressed = batch.table(3) !== undefined;
  expect(nodes.length === columns.length, `a batch has ${nodes.length} columns, the schema ${columns.length}`);
  let next = 0;
  columns.forEach(({ name, kind, width }, index) => {
    const [length, nulls] = nodes[index];
    expect(length === rows && nulls >= 0 && nulls <= rows, `column ${name} claims ${length} rows in a batch of ${rows}`);
    const sizes = buffers.slice(next, (next += kind === 'text' ? 3 : 2)).map(([start, size]) => {
      expect(start >= 0 && size >= 0 && start + size <= bodyBytes, `column ${name} lies outside its batch`);
      return compressed ? plainSize(bytes, body + start, size) : size;
    });
    expect(sizes.length === (kind === 'text' ? 3 : 2), `a buffer of column ${name} is missing`);
    const [validity, values, text = 0] = sizes;
    const needed = kind === 'text' ? (rows + 1) * width : rows * width;
    expect(validity === 0 ? nulls === 0 : isAbout(validity, Math.ceil(rows / 8)), `column ${name} marks ${validity} bytes of missing values`);
    expect(isAbout(values, needed) || (rows === 0 && values === 0), `column ${name} holds ${values} bytes, ${needed} are needed`);
    expect(text <= mostTextBytes, `column ${name} claims ${text} bytes of text`);
  });
  expect(next === buffers.length, `a batch has ${buffers.length} buffers, its columns ${next}`);
  return rows;
}

/** Writers that do not trim a buffer of bits or values leave its unused end. */
const isAbout = (bytes: number, needed: number): boolean => bytes >= needed && bytes <= needed * 2 + padding * 16;

/** Bytes of a compressed buffer once inflated, which its first 8 bytes say; -1 where it is stored as it is. */
function plainSize(bytes: Buffer, at: number, size: number): number {
  if (size === 0) return 0;
  expect(size >= 8, 'a compressed buffer is too short');
  const plain = Number(bytes.readBigInt64LE(at));
  expect(plain >= -1, `a compressed buffer claims ${plain} bytes`);
  return plain === -1 ? size - 8 : plain;
}
