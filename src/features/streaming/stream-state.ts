import { crc32 } from 'node:zlib';
import { InputError } from '../../errors.js';
import type { FeatureSet } from '../feature-set.js';

/** What a stream knows: lists of numbers under their names, kept to the bit. */
export type StateLists = Readonly<Record<string, ArrayLike<number>>>;

export interface OpenedState {
  readonly lists: Readonly<Record<string, Float64Array>>;
  /** A state within this one; empty when there is none. */
  readonly inner: Uint8Array;
}

/** Change it when the layout below changes; a stream that keeps other things changes its `form`. */
const VERSION = 1;
const MAGIC = 'CRPS';
const PREFIX = 10;
const CHECKSUM = 4;
const NUMBER = 8;

interface Header {
  readonly set: string;
  readonly alignment: string;
  /** CRC-32 of the columns' names. */
  readonly columns: number;
  readonly form: string;
  readonly lists: readonly (readonly [name: string, length: number])[];
}

/**
 * Bytes that hold `lists` (and a state within this one): magic, version, a header in JSON that names the set, the
 * numbers as little-endian float64, `inner`, and a CRC-32 of all of it, which no change of a byte escapes.
 * @param form what kind of stream wrote it, and the version of what it keeps: `own-1`.
 */
export function sealState(set: FeatureSet, form: string, lists: StateLists, inner: Uint8Array = new Uint8Array(0)): Uint8Array {
  const named = Object.entries(lists);
  const header: Header = { ...identityOf(set, form), lists: named.map(([name, { length }]) => [name, length]) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const numbers = named.reduce((total, [, { length }]) => total + length, 0);
  const bytes = new Uint8Array(PREFIX + text.length + NUMBER * numbers + inner.length + CHECKSUM);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint16(4, VERSION, true);
  view.setUint32(6, text.length, true);
  bytes.set(text, PREFIX);
  let at = PREFIX + text.length;
  for (const [, list] of named) {
    for (let i = 0; i < list.length; i++, at += NUMBER) view.setFloat64(at, list[i], true);
  }
  bytes.set(inner, at);
  view.setUint32(bytes.length - CHECKSUM, crc32(bytes.subarray(0, -CHECKSUM)), true);
  return bytes;
}

/**
 * What `sealState` put in.
 * @throws InputError `stream-state-unreadable`: cut short, damaged, of another version, set or form.
 */
export function openState(set: FeatureSet, form: string, bytes: Uint8Array): OpenedState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX + CHECKSUM) throw unreadable(`it has ${bytes.length} bytes`);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 4)) !== MAGIC) throw unreadable('it does not begin as one');
  if (view.getUint16(4, true) !== VERSION) throw unreadable(`its version is ${view.getUint16(4, true)}, this program reads ${VERSION}`);
  if (view.getUint32(bytes.length - CHECKSUM, true) !== crc32(bytes.subarray(0, -CHECKSUM))) throw unreadable('its checksum does not fit: it is damaged or cut short');
  const body = PREFIX + view.getUint32(6, true);
  const header = readHeader(bytes.subarray(PREFIX, body));
  const wanted = identityOf(set, form);
  if (header.set !== wanted.set || header.alignment !== wanted.alignment) {
    throw unreadable(`it is of ${header.set} ${header.alignment}, not of ${wanted.set} ${wanted.alignment}`);
  }
  if (header.columns !== wanted.columns) throw unreadable(`${wanted.set} had other columns when it was saved`);
  if (header.form !== form) throw unreadable(`it was saved by the form ${header.form}, this one is ${form}`);
  const lists: Record<string, Float64Array> = {};
  let at = body;
  for (const [name, length] of header.lists) {
    if (at + NUMBER * length > bytes.length - CHECKSUM) throw unreadable(`it ends within ${name}`);
    const list = new Float64Array(length);
    for (let i = 0; i < length; i++, at += NUMBER) list[i] = view.getFloat64(at, true);
    lists[name] = list;
  }
  return { lists, inner: bytes.slice(at, bytes.length - CHECKSUM) };
}

/**
 * One list, which must have that length.
 * @throws InputError `stream-state-unreadable`.
 */
export function listOf({ lists }: OpenedState, name: string, length: number): Float64Array {
  const list = lists[name];
  if (list?.length !== length) throw unreadable(`${name} has ${list?.length ?? 'no'} numbers instead of ${length}`);
  return list;
}

/**
 * How many rows a stream had taken.
 * @throws InputError `stream-state-unreadable`.
 */
export function rowsOf(state: OpenedState): number {
  const [rows] = listOf(state, 'rows', 1);
  if (!Number.isSafeInteger(rows) || rows < 0) throw unreadable(`it counts ${rows} rows`);
  return rows;
}

function identityOf(set: FeatureSet, form: string): Omit<Header, 'lists'> {
  return { set: set.name, alignment: set.alignment, columns: crc32(set.columns.join('\n')), form };
}

function readHeader(bytes: Uint8Array): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Header> | null;
  } catch (cause) {
    throw unreadable('its header is no JSON', cause);
  }
  if (!Array.isArray(header?.lists)) throw unreadable('its header names no lists');
  return header as Header;
}

function unreadable(problem: string, cause?: unknown): InputError {
  return new InputError(`the saved state of a feature stream cannot be read: ${problem}`, {
    code: 'stream-state-unreadable',
    hint: 'start the stream anew and push the last hours of candles into it',
    cause,
  });
}
