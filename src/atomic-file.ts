import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, TemporaryError } from './errors.js';
import { temporaryName } from './temporary-file.js';

/** One file of a group: where it goes and its whole content. */
export interface FileContent {
  readonly path: string;
  readonly content: string | Uint8Array;
}

function cannotWrite(path: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`cannot write ${path}: ${reason}`, {
    code: 'cannot-write',
    place: { file: path },
    hint: 'choose another place, which is writable and has room (--out)',
    cause,
  });
}

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, then renamed over `path`.
 * `write` receives the temporary name. The folder is made when missing.
 * @throws InputError `cannot-write` when the folder is not writable or the disk is full; nothing is left behind.
 */
export function writeAtomically(path: string, write: (temporaryPath: string) => void): void {
  const temporary = temporaryName(path);
  try {
    makeFolder(dirname(path));
    refuseOtherThanFile(path);
    write(temporary);
    renameSync(temporary, path);
  } catch (cause) {
    removeIfThere(temporary);
    throw cannotWrite(path, cause);
  }
}

export function writeTextAtomically(path: string, text: string | Uint8Array): void {
  writeAtomically(path, (temporary) => writeFileSync(temporary, text));
}

/**
 * Writes several files that belong together. All are first written in full, and to the disk, under temporary names;
 * only then are they renamed, in the order given. Whatever fails before the first rename (no room, no permission, a
 * folder of that name) leaves every old file as it was.
 * @throws InputError `cannot-write`; no temporary file is left behind.
 */
export function writeTogether(files: readonly FileContent[]): void {
  const whole = files.map((file) => ({ ...file, temporary: temporaryName(file.path) }));
  let current = '';
  try {
    for (const { path, content, temporary } of whole) {
      current = path;
      makeFolder(dirname(path));
      refuseOtherThanFile(path);
      writeToDisk(temporary, content);
    }
    for (const { path, temporary } of whole) {
      current = path;
      renameSync(temporary, path);
    }
  } catch (cause) {
    for (const { temporary } of whole) removeIfThere(temporary);
    throw cannotWrite(current, cause);
  }
}

/**
 * Makes the folder and proves that a file can be written there, so that long work does not end in "permission denied".
 * @throws InputError `cannot-write`
 */
export function ensureWritable(folder: string): void {
  const probe = temporaryName(join(folder, 'probe'));
  try {
    makeFolder(folder);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

const LOCK_STALE_MS = 30_000;
const LOCK_PATIENCE_MS = 60_000;

/**
 * Runs short, synchronous work while no other process does so in this folder. A lock that a killed process left is
 * taken over after 30 s.
 * @throws InputError `cannot-write`; TemporaryError `folder-busy` when others hold it for a minute
 */
export function withFolderLock<T>(folder: string, work: () => T): T {
  const lock = join(folder, '.crpbot.lock');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; !tookLock(lock); waited += 20) {
    if (waited > LOCK_PATIENCE_MS) {
      throw new TemporaryError(`another run is writing to ${folder}`, { code: 'folder-busy', place: { file: lock }, hint: 'wait for it, or choose another folder (--out DIR)' });
    }
    Atomics.wait(pause, 0, 0, 20);
  }
  try {
    return work();
  } finally {
    removeIfThere(lock);
  }
}

function tookLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(lock, cause);
    const held = statSync(lock, { throwIfNoEntry: false });
    if (held !== undefined && Date.now() - held.mtimeMs > LOCK_STALE_MS) removeIfThere(lock);
    return false;
  }
}

/** Renaming a file over a folder fails late, and over a device (`/dev/full`) replaces the device. */
function refuseOtherThanFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw new Error(`a ${found.isDirectory() ? 'folder' : 'device'} has this name`);
}

function writeToDisk(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** `rmSync` with `force` still throws where part of the path is a file or its name is too long; there is nothing to remove then. */
function removeIfThere(path: string): void {
  if (existsSync(path)) rmSync(path, { force: true });
}

/** Makes a folder and those above it. Node's own recursive form never ends where a parent cannot be made (`/proc/x/y`). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (cause) {
    // Another run may have made it in between.
    if (!existsSync(folder)) throw cause;
  }
}
