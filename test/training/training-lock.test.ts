import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeTrainingLock } from '../../src/training/training-lock.js';
import { stateFolder } from '../../src/training/training-state.js';

describe('the lock of a training that a killed worker left', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leave(host: string, secondsAgo: number): void {
    mkdirSync(stateFolder(folder, 'demo'));
    const lock = join(stateFolder(folder, 'demo'), '.writing.lock');
    writeFileSync(lock, JSON.stringify({ pid: 4242, host, started: new Date().toISOString() }));
    const seen = Date.now() / 1000 - secondsAgo;
    utimesSync(lock, seen, seen);
  }

  it('of another host is waited for, and taken over a minute after its last sign of life', async () => {
    leave('other-host', 58);
    const before = Date.now();
    const lock = await takeTrainingLock(folder, 'demo', { patienceMs: 20_000 });
    expect(Date.now() - before).toBeGreaterThan(1000);
    lock.check();
    lock.release();
  });

  it('is refused, naming who holds it, when the patience is over', async () => {
    leave('other-host', 0);
    await expect(takeTrainingLock(folder, 'demo', { patienceMs: 0 })).rejects.toMatchObject({ code: 'training-busy', message: expect.stringContaining('process 4242 on other-host') as string });
  });

  it('is no longer waited for when told to stop', async () => {
    leave('other-host', 0);
    await expect(takeTrainingLock(folder, 'demo', { patienceMs: 20_000, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
