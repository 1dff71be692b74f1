import { crc32, inflateRawSync } from 'node:zlib';
import { corruptCheckpoint, truncatedCheckpoint, unsupportedCheckpoint } from '../refusals.js';
import { ByteReader } from './byte-reader.js';

/** One file of a zip archive, as its central directory lists it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header stands. */
  readonly offset: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_ZIP64 = 0x06064b50;
const LOCATOR_ZIP64 = 0x07064b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const ESCAPE_32 = 0xffffffff;
const ESCAPE_16 = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

/** Inflated data may be this much longer than the file, plus a constant: beyond it, it is a bomb. */
const INFLATION = 16;
const INFLATION_CONSTANT = 1 << 24;

export class ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  private readonly checked = new Map<string, Uint8Array>();
  private readonly hasChecksums: boolean;

  /** @throws InputError `truncated-checkpoint` where the directory at the end is missing, `corrupt-checkpoint`. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.entries = readDirectory(bytes, file);
    // torch.serialization.set_crc32_options(False) writes 0 for every one.
    this.hasChecksums = [...this.entries.values()].some((entry) => entry.crc !== 0);
  }

  /** The content of an entry, its checksum verified. */
  content(entry: ZipEntry): Uint8Array {
    const known = this.checked.get(entry.name);
    if (known !== undefined) return known;
    const raw = this.rawContent(entry);
    const content = entry.method === STORED ? raw : this.inflate(entry, raw);
    if (content.byteLength !== entry.size) {
      throw corruptCheckpoint(this.file, `${entry.name} should hold ${entry.size} bytes and holds ${content.byteLength}`);
    }
    if (this.hasChecksums && crc32(content) !== entry.crc) {
      throw corruptCheckpoint(this.file, `the checksum of ${entry.name} does not fit its content`);
    }
    this.checked.set(entry.name, content);
    return content;
  }

  private rawContent(entry: ZipEntry): Uint8Array {
    if ((entry.flags & ENCRYPTED) !== 0) {
      throw unsupportedCheckpoint(this.file, `${entry.name} is encrypted`, 'decrypt the archive first');
    }
    const reader = new ByteReader(this.bytes, this.file, entry.name, entry.offset);
    if (reader.uint32() !== LOCAL_HEADER) throw corruptCheckpoint(this.file, `${entry.name} does not start where the directory says`);
    reader.skip(22);
    const nameLength = reader.uint16();
    const extraLength = reader.uint16();
    const name = new TextDecoder().decode(reader.take(nameLength));
    if (name !== entry.name) throw corruptCheckpoint(this.file, `the directory says ${entry.name} where the file says ${shortened(name)}`);
    reader.skip(extraLength);
    return reader.take(entry.compressedSize);
  }

  private inflate(entry: ZipEntry, raw: Uint8Array): Uint8Array {
    if (entry.method !== DEFLATED) {
      throw unsupportedCheckpoint(this.file, `${entry.name} is compressed by method ${entry.method}`, 'save it again with torch.save, which does not compress');
    }
    if (entry.size > INFLATION_CONSTANT + INFLATION * this.bytes.byteLength) {
      throw corruptCheckpoint(this.file, `${entry.name} would inflate to ${entry.size} bytes`);
    }
    try {
      return inflateRawSync(raw, { maxOutputLength: Math.max(1, entry.size) });
    } catch (cause) {
      throw corruptCheckpoint(this.file, `${entry.name} does not inflate to ${entry.size} bytes`, cause);
    }
  }
}

function readDirectory(bytes: Uint8Array, file: string): ReadonlyMap<string, ZipEntry> {
  const { offset, length, count } = findDirectory(bytes, file);
  const reader = new ByteReader(bytes.subarray(0, offset + length), file, 'the archive directory', offset);
  const entries = new Map<string, ZipEntry>();
  for (let i = 0; i < count; i++) {
    const entry = readDirectoryEntry(reader, file);
    if (entries.has(entry.name)) throw corruptCheckpoint(file, `it lists ${entry.name} twice`);
    entries.set(entry.name, entry);
  }
  return entries;
}

function findDirectory(bytes: Uint8Array, file: string): { offset: number; length: number; count: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const earliest = Math.max(0, bytes.byteLength - END_LENGTH - LONGEST_COMMENT);
  let end = bytes.byteLength - END_LENGTH;
  while (end >= earliest && view.getUint32(end, true) !== END) end--;
  if (end < earliest) throw truncatedCheckpoint(file, 'it starts as a zip archive and the directory at its end is missing');
  const reader = new ByteReader(bytes, file, 'the end of the archive', end + 10);
  const short = { count: reader.uint16(), length: reader.uint32(), offset: reader.uint32() };
  if (reader.uint16() > reader.remaining) throw truncatedCheckpoint(file, 'the comment at its end is not whole');
  const escaped = short.count === ESCAPE_16 || short.length === ESCAPE_32 || short.offset === ESCAPE_32;
  const directory = escaped ? findZip64Directory(bytes, file, end) : short;
  if (directory.offset + directory.length > end) throw corruptCheckpoint(file, 'the archive directory passes its end');
  return directory;
}

function findZip64Directory(bytes: Uint8Array, file: string, end: number): { offset: number; length: number; count: number } {
  const what = 'the zip64 end of the archive';
  if (end < 20) throw corruptCheckpoint(file, `${what} is missing`);
  const locator = new ByteReader(bytes, file, what, end - 20);
  if (locator.uint32() !== LOCATOR_ZIP64) throw corruptCheckpoint(file, `${what} is missing`);
  locator.skip(4);
  const position = locator.uint64();
  const reader = new ByteReader(bytes, file, what, Math.min(position, bytes.byteLength));
  if (reader.uint32() !== END_ZIP64) throw corruptCheckpoint(file, `${what} is not where it should be`);
  reader.skip(28);
  const count = reader.uint64();
  const length = reader.uint64();
  return { count, length, offset: reader.uint64() };
}

function readDirectoryEntry(reader: ByteReader, file: string): ZipEntry {
  if (reader.uint32() !== DIRECTORY_ENTRY) throw corruptCheckpoint(file, 'the archive directory is not one');
  reader.skip(4);
  const flags = reader.uint16();
  const method = reader.uint16();
  reader.skip(4);
  const crc = reader.uint32();
  let compressedSize = reader.uint32();
  let size = reader.uint32();
  const nameLength = reader.uint16();
  const extraLength = reader.uint16();
  const commentLength = reader.uint16();
  reader.skip(8);
  let offset = reader.uint32();
  const name = new TextDecoder().decode(reader.take(nameLength));
  const extra = new ByteReader(reader.take(extraLength), file, `the zip64 sizes of ${shortened(name)}`);
  reader.skip(commentLength);
  if ([size, compressedSize, offset].includes(ESCAPE_32)) {
    seekZip64(extra, file);
    if (size === ESCAPE_32) size = extra.uint64();
    if (compressedSize === ESCAPE_32) compressedSize = extra.uint64();
    if (offset === ESCAPE_32) offset = extra.uint64();
  }
  return { name, method, flags, crc, compressedSize, size, offset };
}

/** Leaves the reader at the values of extra field 1, which holds only those that did not fit in 32 bits. */
function seekZip64(extra: ByteReader, file: string): void {
  while (extra.remaining >= 4) {
    const id = extra.uint16();
    const length = extra.uint16();
    if (id === 1) return;
    extra.skip(length);
  }
  throw corruptCheckpoint(file, 'an archive entry beyond 4 GB does not say its size');
}

function shortened(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}...` : name;
}
