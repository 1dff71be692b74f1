import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded, THIS_HOST } from './this-host.js';

/** What another host left half written is removed when it is older. */
export const FOREIGN_ABANDONED_MS = 24 * 3_600_000;

/** `2024-01.parquet.<host>.<process>.<random>.partial`: in the same folder as `path`, and never twice, whoever shares the folder. */
export function temporaryName(path: string): string {
  return `${path}.${THIS_HOST}.${process.pid}.${randomBytes(4).toString('hex')}.partial`;
}

/**
 * Removes temporary files that nobody will rename any more: those of processes of this host that have ended, and of
 * others what is a day old. A file that a living process may be writing stays.
 */
export function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) continue;
    const ended = owner.host === THIS_HOST && hasEnded(owner.pid, found.mtimeMs);
    if (ended || Date.now() - found.mtimeMs > FOREIGN_ABANDONED_MS) rmSync(path, { force: true });
  }
}

/** Who made a temporary file. Names of earlier versions say no host, so their process may run anywhere. */
function ownerOf(name: string): { readonly host: string | undefined; readonly pid: number } | undefined {
  const [, host, pid] = /\.([A-Za-z0-9-]+)\.(\d+)\.[0-9a-f]{8}\.partial$/.exec(name) ?? [];
  if (pid !== undefined) return { host, pid: Number(pid) };
  const [, bare] = /\.(\d+)(?:\.\d+)?\.partial$/.exec(name) ?? [];
  return bare === undefined ? undefined : { host: undefined, pid: Number(bare) };
}
