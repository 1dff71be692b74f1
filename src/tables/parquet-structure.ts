import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import { readParquetSchema } from './parquet-schema.js';
import type { ParquetColumn, ParquetLeaf } from './parquet-schema.js';
import { fieldCount, fieldStruct, fieldStructs, readThriftStruct, ThriftError } from './thrift.js';
import type { ThriftStruct } from './thrift.js';

/** 127 years of minutes: a file that claims more is not what this program is for, and would exhaust the memory. */
const mostRows = 2 ** 26;

const mostPageBytes = 2 ** 29;
const magic = 0x31524150; // PAR1

/** Bytes a value takes when stored plainly, by Parquet's physical type; a boolean takes a bit, texts vary. */
const plainWidths: Readonly<Record<number, number>> = { 0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8 };

export interface ParquetStructure {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
}

/**
 * Walks the skeleton of a Parquet file (footer, row groups, page headers; a few KB, no values) and compares what it
 * claims with what is there: a damaged file is refused with a reason before the native reader meets it, which would
 * trust the claimed counts and sizes. Format: https://parquet.apache.org/docs/file-format/
 * @throws InputError `file-missing`, `parquet-unreadable`.
 */
export function checkParquetStructure(file: string): ParquetStructure {
  const descriptor = open(file);
  try {
    return new StructureCheck(descriptor).run();
  } catch (cause) {
    if (cause instanceof ThriftError) throw unreadable(file, cause.message, cause);
    throw cause;
  } finally {
    closeSync(descriptor);
  }
}

export function unreadable(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} is not a readable Parquet file: ${reason}`, {
    code: 'parquet-unreadable',
    place: { file },
    hint: 'the file is damaged, incomplete or of another format: fetch or write it again',
    cause,
  });
}

function open(file: string): number {
  try {
    const descriptor = openSync(file, 'r');
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot open ${file}: ${reason}`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  }
  throw new InputError(`${file} is not a file`, { code: 'file-missing', place: { file }, hint: 'give a Parquet file' });
}

/** What a claim of the file must be, or else the file is damaged. */
function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new ThriftError(otherwise);
}

class StructureCheck {
  readonly #descriptor: number;
  readonly #size: number;
  #footerStart = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor).size;
  }

  run(): ParquetStructure {
    expect(this.#size >= 12, `it has ${this.#size} bytes`);
    expect(this.#read(0, 4).readUInt32LE(0) === magic, 'it does not begin with PAR1');
    const tail = this.#read(this.#size - 8, 8);
    expect(tail.readUInt32LE(4) === magic, 'it does not end with PAR1 (cut off?)');
    const footerBytes = tail.readUInt32LE(0);
    expect(footerBytes <= this.#size - 12, `its footer claims ${footerBytes} bytes of ${this.#size}`);
    this.#footerStart = this.#size - 8 - footerBytes;

    const footer = readThriftStruct(this.#read(this.#footerStart, footerBytes), 0).value;
    const rows = fieldCount(footer, 3, 'row count');
    expect(rows <= mostRows, `it claims ${rows} rows, at most ${mostRows} are read`);
    const { columns, leaves } = readParquetSchema(footer);
    let sum = 0;
    for (const group of fieldStructs(footer, 4, 'row groups')) {
      const groupRows = fieldCount(group, 3, 'row count of a row group');
      sum += groupRows;
      const chunks = fieldStructs(group, 1, 'column chunks');
      expect(chunks.length === leaves.length, `a row group has ${chunks.length} columns, the schema ${leaves.length}`);
      chunks.forEach((chunk, index) => this.#checkChunk(chunk, groupRows, leaves[index]));
    }
    expect(sum === rows, `it claims ${rows} rows, its row groups ${sum}`);
    return { rows, columns };
  }

  #checkChunk(chunk: ThriftStruct, groupRows: number, leaf: ParquetLeaf): void {
    expect(!chunk.has(1), 'it keeps columns in other files');
    const meta = fieldStruct(chunk, 3);
    expect(meta !== undefined, 'a column chunk has no metadata (encrypted?)');
    const values = fieldCount(meta, 5, 'value count');
    if (leaf.flat) expect(values === groupRows, `column ${leaf.name} has ${values} values in a row group of ${groupRows} rows`);
    else expect(values <= mostRows, `column ${leaf.name} claims ${values} values`);
    const type = fieldCount(meta, 1, 'physical type');
    expect(type === leaf.type, `column ${leaf.name} is stored as another type than the schema says`);
    if (values === 0) return;
    const dictionaryAt = meta.get(11);
    const dataAt = fieldCount(meta, 9, 'page offset');
    // Some writers set the dictionary's offset to 0 where there is none.
    const start = typeof dictionaryAt === 'number' && dictionaryAt > 0 ? Math.min(dictionaryAt, dataAt) : dataAt;
    const length = fieldCount(meta, 7, 'compressed size');
    expect(start >= 4 && start + length <= this.#footerStart, `column ${leaf.name} lies outside the file`);
    this.#checkPages(start, start + length, values, leaf);
  }

  #checkPages(start: number, end: number, values: number, leaf: ParquetLeaf): void {
    let seen = 0;
    for (let at = start; at < end && seen < values; ) {
      const { header, bytes } = this.#pageHeader(at, end);
      const compressed = fieldCount(header, 3, 'compressed page size');
      const uncompressed = fieldCount(header, 2, 'page size');
      at += bytes + compressed;
      expect(at <= end, `a page of column ${leaf.name} ends outside its column`);
      const page = fieldStruct(header, 5) ?? fieldStruct(header, 8);
      const dictionary = fieldStruct(header, 7);
      const pageValues = page === undefined ? 0 : fieldCount(page, 1, 'values of a page');
      const entries = dictionary === undefined ? 0 : fieldCount(dictionary, 1, 'values of a dictionary');
      seen += pageValues;
      const width = plainWidths[leaf.type] ?? leaf.typeLength;
      // Values, and levels, run lengths or delta headers on top: a quarter and a constant are ample.
      const most = width === undefined ? mostPageBytes : Math.min(mostPageBytes, (pageValues + entries) * (width + 8) * 1.25 + 4096);
      expect(uncompressed <= most, `a page of column ${leaf.name} claims ${uncompressed} bytes`);
      expect(entries * (leaf.type === 6 ? 4 : width ?? 0) <= uncompressed, `a dictionary of column ${leaf.name} is too short`);
    }
    expect(seen === values, `the pages of column ${leaf.name} hold ${seen} values of ${values}`);
  }

  #pageHeader(at: number, end: number): { header: ThriftStruct; bytes: number } {
    for (let length = 1024; ; length *= 16) {
      const bytes = this.#read(at, Math.min(length, end - at));
      try {
        const { value, end: headerBytes } = readThriftStruct(bytes, 0);
        return { header: value, bytes: headerBytes };
      } catch (cause) {
        // The statistics of a long text do not fit the first guess.
        if (!(cause instanceof ThriftError) || length >= end - at || length > 2 ** 24) throw cause;
      }
    }
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    expect(readSync(this.#descriptor, bytes, 0, length, offset) === length, 'it ends too early');
    return bytes;
  }
}
