import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readParquet, writeParquet } from '../../../src/tables/parquet.js';
import { readTrials } from '../../../src/training/trials.js';
import { crossValidation } from '../../../src/workflows/training/cross-validation.js';
import { trainModels } from '../../../src/workflows/training/train.js';
import type { TrainTask } from '../../../src/workflows/training/train-model.js';
import { trainSideBySide, type TrainOutcome } from '../../../src/workflows/training/train-processes.js';
import { describeWithTensorFlow, describeWhen, projectRoot } from '../../support/requirements.js';
import { freePort, hasRedis, startRedis, startWorker } from './processes.js';
import { useSharedRoot } from './shared-root.js';

describeWhen(hasRedis, 'with a queue,', 'redis-server is not installed (apt install redis-server)', () => {
  describeWithTensorFlow('training on several machines', () => {
    const shared = useSharedRoot();

    const modelOf = (outcome: TrainOutcome) => {
      if ('error' in outcome) throw outcome.error;
      return outcome.model;
    };
    const stateOf = (symbol: string) => {
      const folder = existsSync('models/new') ? readdirSync('models/new').find((name) => name.startsWith(`tcn_${symbol}_`) && name.endsWith('.training')) : undefined;
      return folder !== undefined && existsSync(join('models/new', folder, 'state.safetensors'));
    };

    it('gives to the byte the models of one machine; a killed worker costs the epoch it was in', async () => {
      mkdirSync('candles');
      for (const name of readdirSync(join(projectRoot, 'data/sample'))) if (/^(BTC|ETH)/.test(name)) cpSync(join(projectRoot, 'data/sample', name), join('candles', name));
      const port = await freePort();
      shared.started.push(await startRedis(tmpdir(), port));
      const queue = `redis://127.0.0.1:${port}`;
      const first = startWorker('own', queue, shared.root);
      shared.started.push(first);
      await first.prints('at a time from');

      let tasks: readonly TrainTask[] = [];
      const all = trainModels(
        { candles: [join(shared.root, 'candles')], model: 'tcn', width: 8, layers: 4, maxGap: Infinity, settings: { epochs: 8, patience: 8, batchSize: 8, clipNorm: Infinity }, queue },
        { onPlan: (_, planned) => (tasks = planned) },
      );
      // The first worker has the first task for certain: the second worker begins later.
      const jobs = new Queue('jobs', { connection: { host: '127.0.0.1', port }, prefix: 'crpbot' });
      await expect.poll(() => jobs.getActiveCount(), { timeout: 20_000, interval: 20 }).toBe(1);
      const second = startWorker('own', queue, shared.root);
      shared.started.push(second);
      await expect.poll(() => stateOf('BTC_SIM'), { timeout: 60_000, interval: 5 }).toBe(true);
      await first.end('SIGKILL');
      const together = (await all).outcomes.map(modelOf);
      await jobs.close();

      expect(tasks.map(({ symbols }) => symbols[0].candles[0])).toEqual(together.map(({ symbol }) => expect.stringMatching(`^candles/${symbol}_1m`) as string));
      expect(second.output()).toContain('its worker is gone, given to another');
      expect(second.output()).toMatch(/training tcn BTC-SIM, seed 1: done/);
      expect(together.map(({ symbol, curve }) => [symbol, curve.length])).toEqual([['BTC-SIM', 8], ['ETH-SIM', 8]]);
      expect(together[0].resumedAfter).toBeGreaterThan(0);
      expect(together[1].resumedAfter).toBe(0);
      expect(readdirSync('models/new').filter((name) => name.endsWith('.training'))).toEqual([]);
      expect(readTrials('models/trials.jsonl').map(({ symbol }) => symbol).sort()).toEqual(['BTC-SIM', 'ETH-SIM']);

      const alone = (await trainSideBySide(tasks.map((task) => ({ ...task, outDir: 'alone/new', trialsFile: 'alone/trials.jsonl' })), 2, {})).map(modelOf);
      for (const [index, model] of together.entries()) {
        expect(model.best).toEqual(alone[index].best);
        expect(readFileSync(model.files[0]).equals(readFileSync(alone[index].files[0])), model.symbol).toBe(true);
      }
    }, 240_000);

    it('a job whose lock was lost is stopped by its worker, and goes on where it was', async () => {
      mkdirSync('candles');
      cpSync(join(projectRoot, 'data/sample/BTC-SIM_1m_2025-01-06_2025-02-04.parquet'), 'candles/BTC-SIM_1m.parquet');
      const port = await freePort();
      shared.started.push(await startRedis(tmpdir(), port));
      const queue = `redis://127.0.0.1:${port}`;
      const worker = startWorker('own', queue, shared.root);
      shared.started.push(worker);
      const all = trainModels({ candles: ['candles'], model: 'tcn', width: 8, layers: 4, settings: { epochs: 25, patience: 25, batchSize: 16 }, folds: 2, queue }, {});
      await expect.poll(() => stateOf('BTC_SIM'), { timeout: 60_000, interval: 20 }).toBe(true);
      // As after a network that was away for longer than the lock lasts.
      const redis = new Redis(port);
      const [lock] = await redis.keys('crpbot:jobs:*:lock');
      await redis.del(lock);
      redis.disconnect();
      await worker.prints('fold 1 of 2, seed 1: stopped after');
      const models = (await all).outcomes.map(modelOf);
      expect(models.map(({ fold, files }) => [fold?.fold, files])).toEqual([[1, []], [2, []]]);
      expect(Math.max(...models.map(({ resumedAfter }) => resumedAfter))).toBeGreaterThan(0);
      expect(readdirSync('models/new')).toEqual([]);
    }, 240_000);

    it('a grid of kinds, seeds and folds becomes one table, equal to that of one machine', async () => {
      mkdirSync('candles');
      const table = readParquet(join(projectRoot, 'data/sample/BTC-SIM_1m_2025-01-06_2025-02-04.parquet'));
      writeParquet('candles/BTC-SIM_1m.parquet', table.names.map((name) => [name, table.column(name).slice(0, 8000)] as const), { timeColumn: 'timestamp' });
      const port = await freePort();
      shared.started.push(await startRedis(tmpdir(), port));
      const queue = `redis://127.0.0.1:${port}`;
      for (let count = 0; count < 2; count++) shared.started.push(startWorker('own', queue, shared.root));
      const grid = { candles: ['candles'], models: ['lstm', 'tcn'], seeds: [1, 2], folds: 2, width: 4, layers: 1, featureSet: 'v1-31', settings: { epochs: 1, batchSize: 4 } } as const;
      const { outcomes } = await trainModels({ ...grid, queue }, {});
      const merged = crossValidation(outcomes)!;
      expect(merged.failed).toEqual([]);
      expect(merged.results.map(({ symbol, model, fold, seed }) => `${symbol} ${model} ${fold} ${seed}`)).toEqual(['lstm', 'tcn'].flatMap((model) => [1, 2].flatMap((fold) => [1, 2].map((seed) => `BTC-SIM ${model} ${fold} ${seed}`))));
      expect(merged.summary.map(({ model, results, logLoss }) => [model, results, Number.isFinite(logLoss.mean)])).toEqual([['lstm', 4, true], ['tcn', 4, true]]);
      expect(readdirSync('models/new')).toEqual([]);
      const here = await trainModels({ ...grid, models: ['tcn'], seeds: [2], outDir: 'alone/new' }, {});
      expect(merged.results.filter(({ model, seed }) => model === 'tcn' && seed === 2)).toEqual(crossValidation(here.outcomes)!.results);
    }, 480_000);
  });
});
