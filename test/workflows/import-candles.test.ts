import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { InputError } from '../../src/errors.js';
import { writeParquet } from '../../src/tables/parquet.js';
import type { ImportCandleFilesOptions } from '../../src/workflows/import-candles.js';
import { importCandleFiles } from '../../src/workflows/import-candles.js';
import { binanceCsv, featherOf, put, rowsOf, zipOf } from '../candles/import/export-files.js';
import { monday, plainCsv, someCandles } from '../candles/some-candles.js';
import { scratchFolder } from '../tables/scratch-folder.js';

const root = scratchFolder();
let made = 0;
const newFolder = (): string => join(root, `${made++}`);
const candles: Candles = { ...someCandles(3000), symbol: 'BTC-USDT' };
const minutes = (count: number): number => count * 60_000;

async function refusal(options: ImportCandleFilesOptions): Promise<InputError> {
  const error = await importCandleFiles(options).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).hint).toBeTruthy();
  return error as InputError;
}

describe('importing', () => {
  const exports: readonly [string, (part: Candles, folder: string, name: string) => void][] = [
    ['csv', (part, folder, name) => put(folder, `${name}.csv`, plainCsv(part))],
    ['csv.gz', (part, folder, name) => put(folder, `${name}.csv.gz`, gzipSync(plainCsv(part)))],
    ['zip', (part, folder, name) => put(folder, `${name}.zip`, zipOf({ [`${name}.csv`]: binanceCsv(part) }))],
    ['feather', (part, folder, name) => put(folder, `${name}.feather`, featherOf(part, 'lz4'))],
    ['parquet', ({ symbol: _, time, ...columns }, folder, name) => writeParquet(join(folder, `${name}.parquet`), [['timestamp', time], ...Object.entries(columns)])],
  ];

  test.each(exports)('a folder of %s', async (_, write) => {
    const [folder, out] = [newFolder(), newFolder()];
    write(rowsOf(candles, 0, 1000), folder, 'BTCUSDT-1m-2025-01');
    write(rowsOf(candles, 1000, 3000), folder, 'BTCUSDT-1m-2025-02');
    const { series } = await importCandleFiles({ paths: [folder], exchange: 'binance', out });
    expect(series).toMatchObject([{ exchange: 'binance', symbol: 'BTC-USDT', candles: 3000, covered: [{ from: monday, to: monday + minutes(3000) }] }]);
    expect(readCandles(join(out, 'binance', 'BTC-USDT'))).toEqual(candles);
  });

  test('all formats at once give the same candles, and again the same bytes', async () => {
    const [folder, out, single] = [newFolder(), newFolder(), newFolder()];
    exports.forEach(([, write], part) => write(rowsOf(candles, part * 600, (part + 1) * 600), folder, `BTC-USDT_1m_${part}`));
    await importCandleFiles({ paths: [folder], out });
    await importCandleFiles({ paths: [folder], out });
    await importCandleFiles({ paths: [put(newFolder(), 'BTC-USDT_1m.csv', plainCsv(candles))], out: single });
    for (const name of ['2025-01.parquet', 'manifest.json']) {
      expect(readFileSync(join(out, 'files', 'BTC-USDT', '1m', name))).toEqual(readFileSync(join(single, 'files', 'BTC-USDT', '1m', name)));
    }
  });

  test('milliseconds of 2024 and microseconds of 2025 meet', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    const all = { ...someCandles(100, Date.UTC(2025, 0, 1) - minutes(50)), symbol: 'BTC-USDT' };
    put(folder, 'BTCUSDT-1m-2024-12.zip', zipOf({ 'BTCUSDT-1m-2024-12.csv': binanceCsv(rowsOf(all, 0, 50), 1) }));
    put(folder, 'BTCUSDT-1m-2025-01.zip', zipOf({ 'BTCUSDT-1m-2025-01.csv': binanceCsv(rowsOf(all, 50, 100)) }));
    await importCandleFiles({ paths: [folder], out });
    expect(readCandles(join(out, 'files'))).toEqual(all);
  });

  test('what lies between two files stays uncovered', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    put(folder, 'BTC-USDT_1m_a.csv', plainCsv(rowsOf(candles, 0, 100)));
    put(folder, 'BTC-USDT_1m_b.csv', plainCsv(rowsOf(candles, 200, 300)));
    const { series } = await importCandleFiles({ paths: [folder], out });
    expect(series[0].covered).toEqual([{ from: monday, to: monday + minutes(100) }, { from: monday + minutes(200), to: monday + minutes(300) }]);
    const manifest = JSON.parse(readFileSync(join(out, 'files', 'BTC-USDT', '1m', 'manifest.json'), 'utf8')) as { covered: unknown[] };
    expect(manifest.covered).toHaveLength(2);
  });

  test('several symbols, each its own; a symbol given picks, and names what has no name', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    put(folder, 'BTC-USDT_1m.csv', plainCsv(candles));
    put(folder, 'ETHUSDT-1m-2025-01.csv', plainCsv(candles));
    put(folder, 'notes.txt', 'nothing');
    const all = await importCandleFiles({ paths: [folder], out });
    expect(all.series.map(({ symbol }) => symbol)).toEqual(['BTC-USDT', 'ETH-USDT']);
    expect(all.ignored).toHaveLength(1);
    const one = await importCandleFiles({ paths: [folder], symbol: 'ETH/USDT', out: newFolder() });
    expect(one.series.map(({ symbol }) => symbol)).toEqual(['ETH-USDT']);
    const named = await importCandleFiles({ paths: [put(folder, '2025.csv', plainCsv(candles))], symbol: 'SOL-USDT', out: newFolder() });
    expect(named.series.map(({ symbol }) => symbol)).toEqual(['SOL-USDT']);
    expect((await refusal({ paths: [join(folder, 'BTC-USDT_1m.csv')], symbol: 'SOL-USDT', out: newFolder() })).code).toBe('several-symbols');
    expect((await refusal({ paths: [folder], symbol: 'XRP-USDT', out: newFolder() })).code).toBe('no-data-files');
  });
});

describe('files that overlap', () => {
  test('agree: each minute once', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    put(folder, 'BTC-USDT_1m_a.csv', plainCsv(rowsOf(candles, 0, 2000)));
    put(folder, 'BTC-USDT_1m_b.feather', featherOf(rowsOf(candles, 1500, 3000), 'lz4'));
    put(folder, 'BTC-USDT_1m_c.csv', plainCsv(rowsOf(candles, 100, 200)));
    const { series } = await importCandleFiles({ paths: [folder], out });
    expect(series[0].candles).toBe(3000);
    expect(readCandles(join(out, 'files'))).toEqual(candles);
  });

  test('a minute that only one of them has is kept, and that is said', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    const notes: string[] = [];
    const lines = plainCsv(candles).split('\n');
    put(folder, 'BTC-USDT_1m_a.csv', lines.filter((_, line) => line !== 500).join('\n'));
    put(folder, 'BTC-USDT_1m_b.csv', lines.filter((_, line) => line !== 700 && line !== 701).join('\n'));
    await importCandleFiles({ paths: [folder], out, onNote: (note) => notes.push(note) });
    expect(readCandles(join(out, 'files'))).toEqual(candles);
    expect(notes.map((note) => note.replace(/^.*_1m/, ''))).toEqual(['_b.csv lacks 2 minutes that other files of BTC-USDT hold', '_b.csv holds 1 minutes that other files of BTC-USDT lack']);
  });

  test('disagree: minute, files and values are named, and nothing is stored', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    const other = { ...candles, volume: candles.volume.map((volume, row) => (row === 1234 ? 77 : volume)) };
    put(folder, 'BTC-USDT_1m_a.csv', plainCsv(candles));
    put(folder, 'BTC-USDT_1m_b.csv', plainCsv(rowsOf(other, 1000, 1500)));
    const error = await refusal({ paths: [folder], out });
    expect(error.code).toBe('import-disagreement');
    for (const text of [new Date(candles.time[1234]).toISOString(), '_a.csv', '_b.csv', 'volume', '77', String(candles.volume[1234])]) expect(error.message).toContain(text);
    expect(() => readCandles(out)).toThrow(InputError);
  });

  test('disagree with the store: refused, the store as it was', async () => {
    const [folder, out] = [newFolder(), newFolder()];
    await importCandleFiles({ paths: [put(folder, 'BTC-USDT_1m_a.csv', plainCsv(candles))], out });
    const other = { ...candles, high: candles.high.map((high) => high + 1) };
    expect((await refusal({ paths: [put(folder, 'BTC-USDT_1m_b.csv', plainCsv(other))], out })).code).toBe('store-conflict');
    expect(readCandles(join(out, 'files'))).toEqual(candles);
  });
});

test.each<[string, Partial<ImportCandleFilesOptions>, string]>([
  ['no such path', { paths: ['/nowhere/at-all'] }, 'path-missing'],
  ['an exchange that is no name', { exchange: '../up' }, 'series-name-invalid'],
])('%s is refused', async (_, options, code) => {
  const file = put(newFolder(), 'BTC-USDT_1m.csv', plainCsv(candles));
  expect((await refusal({ paths: [file], out: newFolder(), ...options })).code).toBe(code);
});

test('it stops when told to', async () => {
  const abort = new AbortController();
  const file = put(newFolder(), 'BTC-USDT_1m.csv', plainCsv(candles));
  await expect(importCandleFiles({ paths: [file], out: newFolder(), signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow(/abort/i);
});
