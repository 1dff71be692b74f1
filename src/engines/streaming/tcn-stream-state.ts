import { crc32 } from 'node:zlib';
import { InputError } from '../../errors.js';

/** Change it when the layout below changes. */
const MAGIC = 'CRPT1';
const HASH = 64;
const NUMBERS = MAGIC.length + HASH;
const CHECKSUM = 4;

/** Magic, the weights' hash, the rows seen and the rings as little-endian float64, and a CRC-32 of all of it. */
export function sealStreamState(weightsHash: string, seen: number, rings: readonly Float64Array[]): Uint8Array {
  const count = rings.reduce((total, { length }) => total + length, 1);
  const bytes = new Uint8Array(NUMBERS + 8 * count + CHECKSUM);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC + weightsHash));
  view.setFloat64(NUMBERS, seen, true);
  let at = NUMBERS + 8;
  for (const ring of rings) for (let i = 0; i < ring.length; i++, at += 8) view.setFloat64(at, ring[i], true);
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

/**
 * Fills the rings with what {@link sealStreamState} put in.
 * @returns the rows seen
 * @throws InputError `stream-state-unreadable`; the rings are then untouched
 */
export function openStreamState(weightsHash: string, bytes: Uint8Array, rings: readonly Float64Array[]): number {
  const refuse = (what: string): InputError =>
    new InputError(`the state of a TCN's stream ${what}`, { code: 'stream-state-unreadable', hint: 'start without it: the stream warms up from the newest rows' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - CHECKSUM;
  if (end < NUMBERS || view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw refuse(`is damaged or cut short (${bytes.length} bytes)`);
  const head = new TextDecoder().decode(bytes.subarray(0, NUMBERS));
  if (!head.startsWith(MAGIC)) throw refuse('is of another version');
  if (head.slice(MAGIC.length) !== weightsHash) throw refuse('was saved with other weights');
  const count = rings.reduce((total, { length }) => total + length, 1);
  if (end - NUMBERS !== 8 * count) throw refuse(`holds ${(end - NUMBERS) / 8} numbers, not ${count}`);
  let at = NUMBERS + 8;
  for (const ring of rings) for (let i = 0; i < ring.length; i++, at += 8) ring[i] = view.getFloat64(at, true);
  return view.getFloat64(NUMBERS, true);
}
