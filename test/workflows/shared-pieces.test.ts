import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import type { FeatureThread } from '../../src/workflows/feature-thread.js';
import type { MonthPiece } from '../../src/workflows/month-piece.js';
import { computeShared, openPieceExchange } from '../../src/workflows/shared-pieces.js';
import { writeParquet } from '../../src/tables/parquet.js';
import { randomCandles } from '../support/random-candles.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'crpbot-pieces-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const task = { symbol: 'BTC-USD', sources: [], featureSet: 'v1-31', alignment: 'causal', outDir: '' } as const;

/** A piece for each of six months. */
function sixPieces(): readonly MonthPiece[] {
  mkdirSync(join(folder, 'made'));
  return Array.from({ length: 6 }, (_, index) => {
    const month = `2024-0${index + 1}`;
    const candles = randomCandles({ rows: 60, symbol: 'BTC-USD', seed: index, start: `${month}-05T00:00:00Z` });
    const file = join(folder, `${month}.parquet`);
    writeParquet(file, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((name) => [name, candles[name]] as const)], { timeColumn: 'timestamp' });
    return { months: [{ month, file, source: '', chain: '' }], before: [], state: {} };
  });
}

/** A thread that is this one: it comes when it is asked, and counts what it did. */
function pretendThread(counted: string[], fail?: Error): FeatureThread {
  return {
    compute: () => Promise.reject(new Error('not asked for')),
    help: async (pieces, record) => {
      if (fail !== undefined) throw fail;
      await computeShared(pieces, (month, made) => {
        counted.push(month);
        record(month, made);
      });
    },
    end: () => Promise.resolve(),
  };
}

const share = (exchange: ReturnType<typeof openPieceExchange>, record: (month: string) => void): Promise<void> => exchange.share(task, undefined)({ symbol: 'BTC-USD', folder: join(folder, 'made'), pieces: sixPieces() }, record);

it('each piece is computed once, by this thread or one that came to help', async () => {
  const exchange = openPieceExchange();
  const [theirs, all]: [string[], string[]] = [[], []];
  const helping = exchange.help(pretendThread(theirs));
  await share(exchange, (month) => all.push(month));
  exchange.close();
  await helping;
  expect([...all].sort()).toEqual(['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06']);
  expect(theirs.length).toBeGreaterThan(1);
  expect(theirs.length).toBeLessThan(6);
});

it('the error of a thread that helped is the error of the symbol', async () => {
  const exchange = openPieceExchange();
  const helping = exchange.help(pretendThread([], new Error('out of memory')));
  await expect(share(exchange, () => undefined)).rejects.toThrowError('out of memory');
  exchange.close();
  await helping;
});

it('a month that cannot be recorded ends it for all', async () => {
  const exchange = openPieceExchange();
  const theirs: string[] = [];
  const helping = exchange.help(pretendThread(theirs));
  const refuse = (month: string): void => {
    if (theirs.includes(month)) throw new Error('the lock was lost');
  };
  await expect(share(exchange, refuse)).rejects.toThrowError('the lock was lost');
  exchange.close();
  await helping;
  expect(theirs.length).toBe(1);
});
