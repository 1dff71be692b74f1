import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSeries } from '../../../src/candles/store/read-series.js';
import { verifySeries } from '../../../src/candles/store/verify.js';
import { createRandom } from '../../../src/random.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { btc, candlesAcrossMonths, contentOf, storeOf } from './some-series.js';

const scratch = scratchFolder();

const collector = ['bin/tsx.js', 'test/candles/store/append-in-pieces.ts'];

/** Runs the small collector, storing so many minutes at a time, killed so many ms after it opened the series. @returns how it ended. */
function collect(root: string, minutes: number, killAfterMs?: number): Promise<'done' | 'killed' | 'failed'> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...collector, root, `${minutes}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => {
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.once('close', (code, signal) => resolve(signal === 'SIGKILL' ? 'killed' : code === 0 ? 'done' : 'failed'));
  });
}

it('a collector killed a dozen times and finished leaves the bytes of one that was left alone', async () => {
  const root = mkdtempSync(join(scratch, 'store-'));
  const random = createRandom(4);
  let rows = 0;
  for (let kill = 1; kill <= 12; kill++) {
    expect(await collect(root, 4, random() * 60), `run ${kill}`).toBe('killed');
    const { defects } = await verifySeries(root, btc);
    expect(defects.filter(({ code }) => code !== 'store-manifest-missing'), `after kill ${kill}`).toEqual([]);
    const stored = defects.length > 0 ? 0 : (await readSeries(root, btc)).time.length;
    expect(stored).toBeGreaterThanOrEqual(rows);
    rows = stored;
  }
  expect(rows).toBeGreaterThan(0);
  expect(await collect(root, 20)).toBe('done');
  const candles = candlesAcrossMonths();
  expect(await readSeries(root, btc)).toEqual(candles);
  expect(contentOf(root)).toEqual(contentOf(await storeOf(mkdtempSync(join(scratch, 'store-')), candles)));
}, 120_000);

it('a full disk ends a collector with an error, and leaves what was stored before', async () => {
  const root = mkdtempSync(join(scratch, 'store-'));
  // No file may grow beyond 8 KiB: to a program a full disk in the middle of the write.
  const script = `trap '' XFSZ; ulimit -f 8; exec "$@"`;
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...collector, root, '20'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('cannot-write');
  expect((await verifySeries(root, btc)).defects).toEqual([]);
  expect((await readSeries(root, btc)).time.length).toBeGreaterThan(100);
  expect(await collect(root, 20)).toBe('done');
  expect(contentOf(root)).toEqual(contentOf(await storeOf(mkdtempSync(join(scratch, 'store-')), candlesAcrossMonths())));
}, 60_000);
