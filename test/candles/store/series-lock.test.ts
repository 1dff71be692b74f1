import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeSeriesLock } from '../../../src/candles/store/series-lock.js';
import { openSeriesForWriting } from '../../../src/candles/store/series-writer.js';
import { TemporaryError } from '../../../src/errors.js';
import { THIS_HOST } from '../../../src/this-host.js';
import { LOCK_STALE_MS } from '../../../src/write-lock.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { btc, candlesAcrossMonths, rangeOf, refusal } from './some-series.js';

const scratch = scratchFolder();
const emptyFolder = (): string => mkdtempSync(join(scratch, 'lock-'));
const lockFile = (folder: string): string => join(folder, '.writing.lock');

interface Owner {
  readonly pid?: number;
  readonly host?: string;
  readonly started?: string;
}

function leaveLock(folder: string, owner: Owner, ageMs = 0): void {
  writeFileSync(lockFile(folder), JSON.stringify({ pid: process.ppid, host: THIS_HOST, started: '2025-01-01T00:00:00.000Z', ...owner }));
  const then = new Date(Date.now() - ageMs);
  utimesSync(lockFile(folder), then, then);
}

describe('a lock', () => {
  it('is held by one, who is named to the others, and given back', async () => {
    const folder = emptyFolder();
    const lock = takeSeriesLock(folder);
    const error = await refusal(() => takeSeriesLock(folder));
    expect(error).toBeInstanceOf(TemporaryError);
    expect(error).toMatchObject({ code: 'store-busy', message: expect.stringContaining(`process ${process.pid} on`) as string });
    lock.check();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    takeSeriesLock(folder).release();
  });

  const dead = spawnSync(process.execPath, ['--version']).pid;
  const alive: Owner = { pid: process.ppid };

  it.each<[string, Owner, number, boolean]>([
    ['of a living process', alive, 0, false],
    ['of a living process that gave no sign for long', alive, LOCK_STALE_MS + 1000, true],
    ['of a dead process', { pid: dead }, 0, true],
    ['of a process on another host', { pid: dead, host: 'elsewhere' }, 0, false],
    ['of a process on another host that gave no sign for long', { pid: dead, host: 'elsewhere' }, LOCK_STALE_MS + 1000, true],
    ['of a process in another container of this host name', { pid: dead, host: THIS_HOST.replace(/-[0-9a-f]+$/, '-00000000') }, 0, false],
    ['of an earlier process with our number', { pid: process.pid }, 0, true],
  ])('%s', (_, owner, ageMs, takenOver) => {
    const folder = emptyFolder();
    leaveLock(folder, owner, ageMs);
    const attempt = (): void => takeSeriesLock(folder).release();
    if (takenOver) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(/is writing to this series/);
    expect(readdirSync(folder)).toEqual(takenOver ? [] : ['.writing.lock']);
  });

  it('that says nothing is held until it is old', () => {
    const folder = emptyFolder();
    writeFileSync(lockFile(folder), '');
    expect(() => takeSeriesLock(folder)).toThrow(/another process is writing/);
    utimesSync(lockFile(folder), new Date(0), new Date(0));
    takeSeriesLock(folder).release();
  });

  it('that was taken over stops its old owner before it writes, and stays with the new one', async () => {
    const root = emptyFolder();
    const candles = candlesAcrossMonths(20);
    const sleeper = openSeriesForWriting(root, btc);
    const folder = join(root, 'coinbase', 'BTC-SIM', '1m');
    utimesSync(lockFile(folder), new Date(0), new Date(0));
    const successor = openSeriesForWriting(root, btc);
    expect(await refusal(() => sleeper.append(candles, rangeOf(candles)))).toMatchObject({ code: 'store-busy' });
    sleeper.close();
    await successor.append(candles, rangeOf(candles));
    expect(await refusal(() => openSeriesForWriting(root, btc))).toMatchObject({ code: 'store-busy' });
    successor.close();
    openSeriesForWriting(root, btc).close();
  });
});
