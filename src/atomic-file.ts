import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from './errors.js';

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, then renamed over `path`.
 * `write` receives the temporary name. The folder is made when missing.
 * @throws InputError `cannot-write` when the folder is not writable or the disk is full; nothing is left behind.
 */
export function writeAtomically(path: string, write: (temporaryPath: string) => void): void {
  const temporary = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    write(temporary);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot write ${path}: ${reason}`, {
      code: 'cannot-write',
      place: { file: path },
      hint: 'choose a folder that exists, is writable and has room (--out DIR)',
      cause,
    });
  }
}

export function writeTextAtomically(path: string, text: string | Uint8Array): void {
  writeAtomically(path, (temporary) => writeFileSync(temporary, text));
}
