import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runDistributed } from '../../../src/workflows/distributed/run-distributed.js';
import { describeWhen, projectRoot } from '../../support/requirements.js';
import { COUNT, type CountTask } from './count-kinds.js';
import { freePort, hasRedis, startRedis, startWorker, type RunningProcess } from './processes.js';

describeWhen(hasRedis, 'jobs on several machines', 'redis-server is not installed (apt install redis-server)', () => {
  let redis: RunningProcess;
  let port: number;
  let root: string;
  let home: string;
  let workers: RunningProcess[];
  let queue: string;
  let tests = 0;
  const notes: string[] = [];
  const options = () => ({ queue, onNote: (note: string) => void notes.push(note) });

  beforeAll(async () => {
    home = process.cwd();
    vi.stubEnv('CRPBOT_ROOT', projectRoot);
    port = await freePort();
    redis = await startRedis(tmpdir(), port);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await redis.end();
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'crpbot-root-'));
    mkdirSync(join(root, 'in'));
    mkdirSync(join(root, 'out'));
    process.chdir(root);
    workers = [];
    notes.length = 0;
    queue = `redis://127.0.0.1:${port}/test-${++tests}`;
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
    process.chdir(home);
    rmSync(root, { recursive: true, force: true });
  });

  async function start(count: number, concurrency = 1): Promise<void> {
    workers.push(...Array.from({ length: count }, () => startWorker('count', queue, root, concurrency)));
    await Promise.all(workers.map((worker) => worker.prints('at a time from')));
  }
  function task(symbol: string, more: Partial<CountTask> = {}): CountTask {
    const source = join('in', `${symbol}.txt`);
    writeFileSync(source, symbol.repeat(symbol.length));
    return { symbol, sources: [source], outDir: 'out', ms: 100, ...more };
  }
  const starts = () => readFileSync('starts.log', 'utf8').trim().split('\n').map((line) => line.split(' ')[0]);
  const folder = (path: string) => Object.fromEntries(readdirSync(path).sort().map((name) => [name, readFileSync(join(path, name), 'hex')]));

  it('gives the results in the order of the tasks, and the same files as one machine', async () => {
    const tasks = ['ADA', 'BTC', 'DOGE', 'ETH', 'SOL', 'XRP'].map((symbol) => task(symbol));
    mkdirSync('local/out', { recursive: true });
    for (const one of tasks) await COUNT.run({ ...one, outDir: 'local/out' }, {});
    await start(3);
    const results = await runDistributed(COUNT, tasks, options());
    expect(results.map(({ symbol, letters }) => [symbol, letters])).toEqual([['ADA', 9], ['BTC', 9], ['DOGE', 16], ['ETH', 9], ['SOL', 9], ['XRP', 9]]);
    expect(new Set(results.map((result) => result.process)).size).toBeGreaterThan(1);
    expect(folder('out')).toEqual(folder('local/out'));
  });

  it('a worker killed in the middle: another does its job within 10 s, and every file is there', async () => {
    const tasks = ['ADA', 'BTC', 'DOGE', 'ETH', 'SOL', 'XRP'].map((symbol) => task(symbol, { ms: 1_500 }));
    await start(3);
    const all = runDistributed(COUNT, tasks, options());
    await expect.poll(() => readdirSync('.').includes('starts.log') && starts().length, { timeout: 15_000 }).toBeGreaterThanOrEqual(3);
    const killed = workers[0].process.pid;
    const lines = readFileSync('starts.log', 'utf8').trim().split('\n');
    const lostSymbol = lines.find((line) => line.endsWith(` ${killed}`))!.split(' ')[0];
    await workers[0].end('SIGKILL');
    const at = Date.now();
    await expect.poll(() => starts().filter((symbol) => symbol === lostSymbol).length, { timeout: 15_000 }).toBe(2);
    expect(Date.now() - at).toBeLessThan(10_000);
    const results = await all;
    expect(results.map((result) => result.symbol)).toEqual(tasks.map((one) => one.symbol));
    expect(results.map((result) => result.process)).not.toContain(killed);
    expect(Object.keys(folder('out'))).toEqual(tasks.map((one) => `${one.symbol}.txt`));
    // No other job was doubled.
    expect(starts().length).toBe(tasks.length + 1);
  });

  it('a job that computes for longer than its lock lasts, without a turn of its event loop, keeps it', async () => {
    await start(2);
    await runDistributed(COUNT, [task('BTC', { ms: 9_000 })], options());
    expect(starts()).toEqual(['BTC']);
  });

  it('tries again what may pass', async () => {
    await start(1);
    const [result] = await runDistributed(COUNT, [task('BTC', { fails: 'temporary-once' })], options());
    expect(result?.letters).toBe(9);
    expect(starts()).toEqual(['BTC', 'BTC']);
    expect(workers[0].output()).toMatch(/count BTC: failed after .* will be tried again: the share is away/);
    expect(workers[0].output()).toMatch(/count BTC \(attempt 2\): done/);
  });

  it('wrong input comes back as it was thrown, after one attempt; the other jobs are done', async () => {
    await start(2);
    const work = runDistributed(COUNT, [task('ADA'), task('BTC', { fails: 'input' }), task('ETH')], options());
    await expect(work).rejects.toMatchObject({ name: 'InputError', code: 'bad-row', message: 'BTC has a bad row', place: { file: 'in/BTC.txt', row: 7, column: 'close' }, hint: 'mend it' });
    expect(starts().filter((symbol) => symbol === 'BTC')).toHaveLength(1);
    expect(Object.keys(folder('out'))).toEqual(['ADA.txt', 'ETH.txt']);
    expect(notes).toContain('2 of 3 files are done and stay');
  });

  it('a worker that does not see the files says which, where, and on what host', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'crpbot-other-'));
    workers.push(startWorker('count', queue, elsewhere));
    await expect(runDistributed(COUNT, [task('BTC')], options())).rejects.toMatchObject({ code: 'worker-cannot-see', place: { file: 'in/BTC.txt' }, message: expect.stringContaining(elsewhere) as string });
    rmSync(elsewhere, { recursive: true });
  });

  it('the same work asked for twice at once is done once', async () => {
    await start(2);
    const tasks = [task('ADA', { ms: 1_000 }), task('BTC', { ms: 1_000 })];
    const first = runDistributed(COUNT, tasks, options());
    await expect.poll(() => workers.length && readdirSync('.').includes('starts.log'), { timeout: 10_000 }).toBe(true);
    const second = runDistributed(COUNT, tasks, options());
    expect(await second).toEqual(await first);
    expect(starts().sort()).toEqual(['ADA', 'BTC']);
    expect(notes).toContain('2 of 2 files are in the queue already: waiting for those jobs');
  });

  it('work that ended is done anew: its output may be gone, its input may have changed', async () => {
    await start(1);
    await runDistributed(COUNT, [task('BTC')], options());
    rmSync('out/BTC.txt');
    await runDistributed(COUNT, [task('BTC')], options());
    expect(Object.keys(folder('out'))).toEqual(['BTC.txt']);
  });

  it('without a worker a note says how to start one; stopping takes the waiting jobs back', async () => {
    const stop = new AbortController();
    const work = runDistributed(COUNT, [task('ADA'), task('BTC')], { ...options(), signal: stop.signal, noteWithoutWorkersAfterMs: 200 });
    work.catch(() => undefined);
    await expect.poll(() => notes, { timeout: 5_000 }).toContain(`waiting for workers: start one with npx crpbot worker --queue ${queue}`);
    stop.abort();
    await expect(work).rejects.toThrow(/abort/);
    await start(1);
    const results = await runDistributed(COUNT, [task('ETH')], options());
    expect(results).toHaveLength(1);
    expect(starts()).toEqual(['ETH']);
  });

  it('a worker told to stop finishes its job first', async () => {
    await start(1);
    const work = runDistributed(COUNT, [task('BTC', { ms: 1_500 })], options());
    await expect.poll(() => readdirSync('.').includes('starts.log'), { timeout: 10_000 }).toBe(true);
    await workers[0].end('SIGTERM');
    expect(workers[0].process.exitCode).toBe(0);
    expect((await work)[0]?.letters).toBe(9);
  });

  it('reports the progress of all', async () => {
    await start(2);
    const seen: number[] = [];
    await runDistributed(COUNT, [task('ADA', { ms: 2_400 }), task('BTC', { ms: 100 })], { ...options(), onProgress: ({ done, total, unit }) => (expect([total, unit]).toEqual([2, 'files']), seen.push(done)) });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(2);
    expect(seen.some((done) => done % 1 !== 0)).toBe(true);
  });
});
