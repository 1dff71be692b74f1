import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { withFolderLock } from '../../atomic-file.js';
import { InputError, TemporaryError } from '../../errors.js';

/** A lock whose owner is alive, or on another host, is taken over when it gave no sign for this long. */
export const LOCK_STALE_MS = 60_000;
const HEARTBEAT_MS = 10_000;

/** Two readings of a process's start, from clock and uptime, differ by less. */
const START_TOLERANCE_MS = 5_000;

export interface SeriesLock {
  /** @throws TemporaryError `store-busy` when it was taken over meanwhile (this machine slept). */
  check(): void;
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly started: string;
}

let locksTaken = 0;

/**
 * Takes the only right to write in a folder: `.writing.lock`, which says who holds it. One of a process that is no
 * more, or that gave no sign for a minute, is taken over.
 * @throws TemporaryError `store-busy`, naming the process; InputError `cannot-write`.
 */
export function takeSeriesLock(folder: string): SeriesLock {
  const lock = join(folder, '.writing.lock');
  const owner: Owner = { pid: process.pid, host: hostname(), started: new Date(Date.now() - process.uptime() * 1000).toISOString() };
  const token = `${JSON.stringify({ ...owner, lock: `${Date.now()}-${++locksTaken}` })}\n`;
  for (let attempt = 0; !created(lock, token); attempt++) {
    const held = readIfThere(lock);
    if (held === undefined) continue;
    if (attempt > 5 || !isAbandoned(lock, held, owner)) throw busy(lock, held);
    takeAway(folder, lock, held, owner);
  }
  const heartbeat = setInterval(() => beat(lock, token), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    check: () => {
      const held = readIfThere(lock);
      if (held !== token) throw busy(lock, held ?? '');
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
  const own = `${lock}.${process.pid}.${locksTaken}.partial`;
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

function isAbandoned(lock: string, held: string, self: Owner): boolean {
  const found = statSync(lock, { throwIfNoEntry: false });
  if (found === undefined || Date.now() - found.mtimeMs > LOCK_STALE_MS) return true;
  const owner = ownerOf(held);
  if (owner === undefined || owner.host !== self.host) return false;
  if (owner.pid === self.pid) return Math.abs(Date.parse(owner.started) - Date.parse(self.started)) > START_TOLERANCE_MS;
  return !isAlive(owner.pid);
}

/** One at a time, each looking again: of several that found the same lock abandoned, a late one would remove its successor. */
function takeAway(folder: string, lock: string, abandoned: string, self: Owner): void {
  withFolderLock(folder, () => {
    if (readIfThere(lock) === abandoned && isAbandoned(lock, abandoned, self)) rmSync(lock, { force: true });
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

/** On this host. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
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

function busy(lock: string, held: string): TemporaryError {
  const owner = ownerOf(held);
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host} (running since ${owner.started})`;
  return new TemporaryError(`${who} is writing to this series: ${lock}`, {
    code: 'store-busy',
    place: { file: lock },
    hint: 'wait for it or end it; the lock of a process that has ended is taken over by itself',
  });
}
