import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';

const piece = Buffer.allocUnsafeSlow(2 ** 18);

/** SHA-256 of a file's bytes, in hexadecimal; read in pieces. @throws InputError `file-missing`. */
export function hashFile(file: string): string {
  const hash = createHash('sha256');
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) hash.update(piece.subarray(0, read));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot read ${file}: ${reason}`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return hash.digest('hex');
}
