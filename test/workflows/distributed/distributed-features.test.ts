import { Queue } from 'bullmq';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listCandleFiles } from '../../../src/candles/data-files.js';
import { FEATURES } from '../../../src/workflows/distributed/job-kinds.js';
import { runDistributed } from '../../../src/workflows/distributed/run-distributed.js';
import { computeFeatureFiles } from '../../../src/workflows/features.js';
import { describeWhen, projectRoot } from '../../support/requirements.js';
import { freePort, hasRedis, startRedis, startWorker } from './processes.js';
import { useSharedRoot } from './shared-root.js';

describeWhen(hasRedis, 'features on several machines', 'redis-server is not installed (apt install redis-server)', () => {
  const shared = useSharedRoot();

  const filesOf = (folder: string) =>
    (readdirSync(folder, { recursive: true, withFileTypes: true }) as { isFile(): boolean; name: string; parentPath: string }[])
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name).slice(folder.length), readFileSync(join(parentPath, name))] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));

  it('are to the byte those of one machine, though a worker is killed in the middle', async () => {
    mkdirSync('candles');
    const samples = readdirSync(join(projectRoot, 'data/sample')).filter((name) => name.endsWith('.parquet'));
    for (const prefix of ['', 'A']) {
      for (const name of samples) cpSync(join(projectRoot, 'data/sample', name), join('candles', prefix + name));
    }
    const port = await freePort();
    shared.started.push(await startRedis(tmpdir(), port));
    const url = `redis://127.0.0.1:${port}`;
    const first = startWorker('own', url, shared.root);
    const second = startWorker('own', url, shared.root);
    const third = startWorker('own', url, shared.root);
    shared.started.push(first, second, third);
    await Promise.all([first, second, third].map((worker) => worker.prints('at a time from')));

    const tasks = listCandleFiles(['candles']).symbols.map(({ symbol, files }) => ({ symbol, sources: files, featureSet: 'v2-50', alignment: 'causal' as const, outDir: 'out' }));
    expect(tasks).toHaveLength(6);
    const all = runDistributed(FEATURES, tasks, { queue: url });
    const queue = new Queue('jobs', { connection: { host: '127.0.0.1', port }, prefix: 'crpbot' });
    await expect.poll(() => queue.getActiveCount(), { timeout: 10_000, interval: 5 }).toBe(3);
    await first.end('SIGKILL');
    const results = await all;
    await queue.close();

    mkdirSync('alone');
    const alone = await computeFeatureFiles({ candles: ['candles'], featureSet: 'v2-50', outDir: 'alone' });
    expect(second.output() + third.output()).toContain('its worker is gone, given to another');
    expect(results.map(({ symbol, rows }) => ({ symbol, rows }))).toEqual(alone.files.map(({ symbol, rows }) => ({ symbol, rows })));
    const [together, single] = [filesOf('out'), filesOf('alone')];
    expect(together.map(([name]) => name)).toEqual(single.map(([name]) => name));
    for (const [index, [name, bytes]] of together.entries()) expect(bytes.equals(single[index][1]), name).toBe(true);
  }, 180_000);
});
