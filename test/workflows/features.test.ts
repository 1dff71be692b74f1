import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import { InputError } from '../../src/errors.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import { featureSet } from '../../src/features/feature-sets.js';
import { readFeatureTable } from '../../src/features/read-feature-table.js';
import type { ProgressEvent } from '../../src/progress.js';
import { hashFile } from '../../src/tables/hash-file.js';
import { writeParquet } from '../../src/tables/parquet.js';
import { THIS_HOST } from '../../src/this-host.js';
import { computeFeatureFiles } from '../../src/workflows/features.js';
import { LOCK_STALE_MS } from '../../src/write-lock.js';
import { randomCandles } from '../support/random-candles.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'crpbot-features-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeCandles(name: string, candles: Candles): string {
  const file = join(folder, name);
  writeParquet(file, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((column) => [column, candles[column]] as const)], { timeColumn: 'timestamp' });
  return file;
}

describe('computeFeatureFiles', () => {
  it('writes a file of features for each symbol of a folder, named by its last day', async () => {
    const btc = randomCandles({ rows: 500, symbol: 'BTC-USD', start: '2025-11-12T20:00:00Z' });
    const source = writeCandles('BTC-USD_1m.parquet', btc);
    writeCandles('ETH-USD_1m.parquet', randomCandles({ rows: 300, symbol: 'ETH-USD', seed: 2 }));
    const outDir = join(folder, 'out');
    const { files, ignored, notes } = await computeFeatureFiles({ candles: [folder], outDir });
    expect(files.map(({ file, symbol, rows, completeRows }) => [file, symbol, rows, completeRows])).toEqual([
      [join(outDir, 'features_BTC-USD_1m_2025-11-13_50feat.parquet'), 'BTC-USD', 500, 401],
      [join(outDir, 'features_ETH-USD_1m_2024-01-01_50feat.parquet'), 'ETH-USD', 300, 201],
    ]);
    expect([ignored, notes]).toEqual([[], []]);
    const read = await readFeatureTable(files[0].file, { featureSet: 'v2-50', alignment: 'causal' });
    expect(read.columns).toEqual(computeFeatures(btc, featureSet('v2-50')).columns);
    expect(read.candles).toEqual(btc);
    const { sources } = JSON.parse(readFileSync(files[0].file.replace('.parquet', '.json'), 'utf8')) as { sources: unknown };
    expect(sources).toEqual([{ file: source, sha256: hashFile(source) }]);
  });

  it('computes the set and alignment that is asked for', async () => {
    const file = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 300, symbol: 'SOL-USD' }));
    const { files } = await computeFeatureFiles({ candles: [file], featureSet: 'v1-31', alignment: 'legacy', outDir: folder });
    expect(files[0].file).toMatch(/_31feat\.parquet$/);
    expect((await readFeatureTable(files[0].file)).featureSet).toMatchObject({ name: 'v1-31', alignment: 'legacy', leaky: true });
  });

  it('reports every column', async () => {
    const file = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 300 }));
    const events: ProgressEvent[] = [];
    await computeFeatureFiles({ candles: [file], outDir: folder, onProgress: (event) => events.push(event) });
    expect(events.map(({ done }) => done)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(events[0]).toMatchObject({ label: 'features SOL-USD', total: 50, unit: 'columns' });
  });

  it('stops when told to and leaves nothing behind', async () => {
    const file = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 300 }));
    const stop = new AbortController();
    const outDir = join(folder, 'out');
    const onProgress = ({ done }: ProgressEvent): void => void (done === 20 && stop.abort());
    await expect(computeFeatureFiles({ candles: [file], outDir, onProgress, signal: stop.signal })).rejects.toThrowError(/abort/);
    expect(readdirSync(outDir)).toEqual([]);
  });

  it('refuses a file as its folder, before the work', async () => {
    const file = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 300 }));
    const events: ProgressEvent[] = [];
    const outDir = join(folder, 'README.md');
    writeFileSync(outDir, '# Here');
    const error: unknown = await computeFeatureFiles({ candles: [file], outDir, onProgress: (event) => events.push(event) }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: 'cannot-write', place: { file: outDir } });
    expect((error as InputError).message).toMatch(/^cannot write .*README\.md: ENOTDIR/);
    expect(events).toEqual([]);
    expect(readFileSync(outDir, 'utf8')).toBe('# Here');
  });

  it('refuses candles that would not give one complete row', async () => {
    const file = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 99 }));
    await expect(computeFeatureFiles({ candles: [file], outDir: folder })).rejects.toMatchObject({ code: 'candles-too-few', place: { file }, hint: 'give at least 100' });
    const enough = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 100 }));
    expect((await computeFeatureFiles({ candles: [enough], outDir: folder })).files[0].completeRows).toBe(1);
  });
});

describe('two runs into one folder', () => {
  const busy = (file: string): unknown => expect.objectContaining({ name: 'TemporaryError', code: 'features-busy', place: { file } });

  it.each<[string, string]>([
    ['a file', ''],
    ['monthly parts', 'coinbase/SOL-USD/1m'],
  ])('the second, for the same symbol, is told who writes; the first ends well (%s)', async (_, within) => {
    mkdirSync(join(folder, within), { recursive: true });
    const source = writeCandles(join(within, within === '' ? 'SOL-USD_1m.parquet' : '2024-01.parquet'), randomCandles({ rows: 300, symbol: 'SOL-USD' }));
    const outDir = join(folder, 'out');
    const lock = within === '' ? join(outDir, '.features_SOL-USD_50feat.lock') : join(outDir, 'v2-50/SOL-USD/1m/.writing.lock');
    const second: Promise<unknown>[] = [];
    const onProgress = (): void => void (second.length === 0 && second.push(computeFeatureFiles({ candles: [source], outDir }).catch((error: unknown) => error)));
    const { files } = await computeFeatureFiles({ candles: [source], outDir, onProgress });
    expect(await second[0]).toEqual(busy(lock));
    expect(existsSync(lock)).toBe(false);
    expect((await readFeatureTable(files[0].file)).columns).toEqual(computeFeatures(randomCandles({ rows: 300, symbol: 'SOL-USD' }), featureSet('v2-50')).columns);
  });

  it('one whose process has ended is followed at once, one on another host once it gave no sign for a minute', async () => {
    const source = writeCandles('SOL-USD_1m.parquet', randomCandles({ rows: 300, symbol: 'SOL-USD' }));
    const lock = join(folder, '.features_SOL-USD_50feat.lock');
    const leaveLock = (host: string): void => writeFileSync(lock, JSON.stringify({ pid: spawnSync(process.execPath, ['--version']).pid, host, started: '2025-01-01T00:00:00.000Z' }));
    const run = (): Promise<unknown> => computeFeatureFiles({ candles: [source], outDir: folder });
    leaveLock(THIS_HOST);
    await run();
    leaveLock('elsewhere');
    await expect(run()).rejects.toEqual(busy(lock));
    const before = new Date(Date.now() - LOCK_STALE_MS - 1000);
    utimesSync(lock, before, before);
    await run();
    expect(existsSync(lock)).toBe(false);
  });
});

it('what was finished is told before the error of a symbol that failed', async () => {
  const outDir = join(folder, 'out');
  writeCandles('BTC-USD_1m.parquet', randomCandles({ rows: 300, symbol: 'BTC-USD' }));
  writeCandles('ETH-USD_1m.parquet', randomCandles({ rows: 20, symbol: 'ETH-USD' }));
  for (const workers of [1, 2]) {
    const partial: string[] = [];
    const failing = computeFeatureFiles({ candles: [folder], outDir, workers, onPartial: (files) => void partial.push(...files.map(({ symbol }) => symbol)) });
    await expect(failing).rejects.toMatchObject({ code: 'candles-too-few', message: expect.stringMatching(/^ETH-USD: /) as string });
    expect(partial).toEqual(['BTC-USD']);
  }
});
