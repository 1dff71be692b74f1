import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Where a process id names one process: this machine or container. Letters, digits and dashes only. Containers count
 * their processes from 1 each and may share a host's name, so the process namespace is in it too.
 */
export const THIS_HOST = `${hostname().replace(/[^A-Za-z0-9-]/g, '-').slice(0, 20)}-${createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8)}`;

/** Two readings of a process's start, from clock and uptime, differ by less. */
const START_TOLERANCE_MS = 5_000;

/** When this process started, ms since the epoch, by the clock as it is now. */
export function processStart(): number {
  return Date.now() - process.uptime() * 1000;
}

/**
 * Whether the process of that id on this host, which was at work at `time` (ms), has ended. Our own id may have been
 * an earlier process's: in a container every run may be number 1.
 */
export function hasEnded(pid: number, time: number): boolean {
  return pid === process.pid ? time < processStart() - START_TOLERANCE_MS : !isAlive(pid);
}

/** On this host. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** `pid:[4026531836]` on Linux, where a file system shows it; elsewhere nothing. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
