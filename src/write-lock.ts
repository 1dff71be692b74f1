import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withFolderLock } from './atomic-file.js';
import { InputError, TemporaryError } from './errors.js';
import { temporaryName } from './temporary-file.js';
import { hasEnded, processStart, THIS_HOST } from './this-host.js';

/** A lock whose owner is alive, or on another host, is taken over when it gave no sign for this long. */
export const LOCK_STALE_MS = 60_000;
const HEARTBEAT_MS = 10_000;

export interface WriteLock {
  /** Gives a sign of life. @throws TemporaryError when it was taken over meanwhile (this machine slept). */
  check(): void;
  release(): void;
}

/** What a lock protects, for the error that others get. */
export interface LockSubject {
  readonly code: string;
  /** `this series`. */
  readonly writes: string;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly started: string;
}

let locksTaken = 0;

/**
 * Takes the only right to write something: a file, in a folder that is there, which says who holds it. A lock of a
 * process of this host that is no more is taken over, and any that gave no sign for a minute: of another host's
 * process nothing else can be known. Hosts that share a folder need clocks that agree to some seconds.
 * @throws TemporaryError with the subject's code, naming the process; InputError `cannot-write`.
 */
export function takeWriteLock(lock: string, subject: LockSubject): WriteLock {
  const owner: Owner = { pid: process.pid, host: THIS_HOST, started: new Date(processStart()).toISOString() };
  const token = `${JSON.stringify({ ...owner, lock: `${Date.now()}-${++locksTaken}` })}\n`;
  for (let attempt = 0; !created(lock, token); attempt++) {
    const held = readIfThere(lock);
    if (held === undefined) continue;
    if (attempt > 5 || !isAbandoned(lock, held)) throw busy(lock, held, subject);
    takeAway(lock, held);
  }
  const heartbeat = setInterval(() => beat(lock, token), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    check: () => {
      const held = readIfThere(lock);
      if (held !== token) throw busy(lock, held ?? '', subject);
      beat(lock, token);
    },
    release: () => {
      clearInterval(heartbeat);
      if (readIfThere(lock) === token) rmSync(lock, { force: true });
    },
  };
}

/** Linked into place with its content: a process killed in between leaves no lock that says nothing. */
function created(lock: string, token: string): boolean {
  const own = temporaryName(lock);
  try {
    writeFileSync(own, token);
    linkSync(own, lock);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return createdWithoutLink(lock, token);
  } finally {
    rmSync(own, { force: true });
  }
}

/** For file shares that have no links. */
function createdWithoutLink(lock: string, token: string): boolean {
  try {
    writeFileSync(lock, token, { flag: 'wx' });
    return true;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new InputError(`cannot write ${lock}: ${message}`, { code: 'cannot-write', place: { file: lock }, hint: 'choose another place, which is writable and has room', cause });
  }
}

function isAbandoned(lock: string, held: string): boolean {
  const found = statSync(lock, { throwIfNoEntry: false });
  if (found === undefined || Date.now() - found.mtimeMs > LOCK_STALE_MS) return true;
  const owner = ownerOf(held);
  return owner !== undefined && owner.host === THIS_HOST && hasEnded(owner.pid, Date.parse(owner.started));
}

/** One at a time, each looking again: of several that found the same lock abandoned, a late one would remove its successor. */
function takeAway(lock: string, abandoned: string): void {
  withFolderLock(dirname(lock), () => {
    if (readIfThere(lock) === abandoned && isAbandoned(lock, abandoned)) rmSync(lock, { force: true });
  });
}

function beat(lock: string, token: string): void {
  const now = new Date();
  try {
    if (readIfThere(lock) === token) utimesSync(lock, now, now);
  } catch {
    // Taken over in between: the next check tells.
  }
}

/** @throws InputError `cannot-write` where the lock's name is a folder's, or it may not be read. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError(`cannot read ${file}: ${message}`, { code: 'cannot-write', place: { file }, hint: 'move it away: a file of this name says who is writing here', cause });
  }
}

function ownerOf(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return Number.isInteger(owner?.pid) && typeof owner?.host === 'string' && typeof owner.started === 'string' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function busy(lock: string, held: string, { code, writes }: LockSubject): TemporaryError {
  const owner = ownerOf(held);
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host} (running since ${owner.started})`;
  return new TemporaryError(`${who} is writing to ${writes}: ${lock}`, {
    code,
    place: { file: lock },
    hint: 'wait for it or end it; the lock of a process that has ended is taken over by itself',
  });
}
