import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { CANDLE_COLUMNS, MINUTE_MS } from '../../src/candles/candles.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { readRepairRecord } from '../../src/candles/repair/repair-record.js';
import { readManifest } from '../../src/candles/store/series-manifest.js';
import { openSeriesForWriting } from '../../src/candles/store/series-writer.js';
import { InputError } from '../../src/errors.js';
import { readFeatureMonths } from '../../src/features/feature-months.js';
import { featureSet } from '../../src/features/feature-sets.js';
import { hashFile } from '../../src/tables/hash-file.js';
import { writeParquet } from '../../src/tables/parquet.js';
import { checkData } from '../../src/workflows/check-data.js';
import { evaluate } from '../../src/workflows/evaluate.js';
import { computeFeatureFiles } from '../../src/workflows/features.js';
import { repairData } from '../../src/workflows/repair-data.js';
import type { RepairDataOptions } from '../../src/workflows/repair-data.js';
import { readSymbolData } from '../../src/workflows/symbol-data.js';
import { verifyStore } from '../../src/workflows/verify-store.js';
import { plant } from '../candles/quality/planted.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';
import { projectRoot } from '../support/requirements.js';
import { scratchFolder } from '../tables/scratch-folder.js';

const root = scratchFolder();
let made = 0;
const newFolder = (): string => join(root, String(made++));

/** The turn of a month is in it. */
const walk = randomCandles({ rows: 5_000, seed: 3, start: '2024-01-30T00:00:00Z', symbol: 'BTC-USD' });
const badPrint = plant['bad print'](walk, 1_000, 0, 0.2);
const repeated = plant['duplicate, same values'](badPrint.candles, 4_000, 20, 0).candles;

function writeCandles(file: string, candles: Candles): string {
  mkdirSync(dirname(file), { recursive: true });
  writeParquet(file, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((column) => [column, candles[column]] as const)], { timeColumn: 'timestamp' });
  return file;
}

/** Every file below a folder with the hash of its bytes. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => join(entry.parentPath, entry.name)).sort().map((file) => [file.slice(folder.length + 1), hashFile(file)]));
}

/** A folder with one bad print and twenty repeated rows of coinbase. */
function damaged(candles = repeated): string {
  const folder = newFolder();
  writeCandles(join(folder, 'coinbase/BTC-USD/BTC-USD_1m.parquet'), candles);
  return folder;
}

async function refusal(options: RepairDataOptions): Promise<InputError> {
  const error = await repairData(options).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).hint).toBeTruthy();
  return error as InputError;
}

describe('a repair', () => {
  it('writes a store of its own, in which a wrong minute is absent, and leaves the source alone', async () => {
    const [source, out] = [damaged(), newFolder()];
    const before = contents(source);
    const { series } = await repairData({ paths: [source], out });
    expect(contents(source)).toEqual(before);
    expect(series).toMatchObject([{ name: 'BTC-USD coinbase', folder: join(out, 'coinbase/BTC-USD/1m'), undecided: [], summary: { dropped: 21, filled: 0, kinds: { 'bad-print': 1, 'duplicate-same': 20 }, remaining: 0 } }]);
    expect(Object.keys(contents(out)).map((name) => name.slice('coinbase/BTC-USD/1m/'.length))).toEqual(['2024-01.parquet', '2024-02.parquet', 'manifest.json', 'repairs.json']);
    const repaired = readCandles(out);
    expect(repaired.time.length).toBe(4_999);
    expect(repaired.time.includes(badPrint.from)).toBe(false);
    expect(readRepairRecord(join(out, 'coinbase/BTC-USD/1m'))).toMatchObject({
      sources: [{ file: 'BTC-USD_1m.parquet', sha256: Object.values(before)[0] }],
      rowsBefore: 5_020,
      rowsAfter: 4_999,
      repairs: [{}, { kind: 'duplicate-same' }, { kind: 'bad-print', from: badPrint.from, old: [[badPrint.from, ...CANDLE_COLUMNS.map((column) => badPrint.candles[column][1_000])]] }],
    });
  });

  it('without a place to write to is a plan', async () => {
    const source = damaged();
    const before = contents(root);
    const { series } = await repairData({ paths: [source] });
    expect(series[0]?.summary).toMatchObject({ dropped: 21 });
    expect(series[0]?.folder).toBeUndefined();
    expect(contents(root)).toEqual(before);
  });

  it('of the same files gives the same bytes, elsewhere, again, and gone on with after a kill', async () => {
    const [source, once, twice] = [damaged(), newFolder(), newFolder()];
    await repairData({ paths: [source], out: once });
    const bytes = contents(once);
    const moved = newFolder();
    cpSync(source, moved, { recursive: true });
    await repairData({ paths: [moved], out: twice });
    await repairData({ paths: [moved], out: twice });
    expect(contents(twice)).toEqual(bytes);
    // As a kill leaves it: the record is there, a part is not, nor the manifest.
    for (const name of ['2024-02.parquet', 'manifest.json']) rmSync(join(twice, 'coinbase/BTC-USD/1m', name));
    await repairData({ paths: [moved], out: twice });
    expect(contents(twice)).toEqual(bytes);
  });

  it('fills gaps only when asked', async () => {
    const source = damaged(plant.gap(walk, 2_000, 3, 0).candles);
    const [as, filled] = [newFolder(), newFolder()];
    await repairData({ paths: [source], out: as });
    expect(readCandles(as).time.length).toBe(4_997);
    await repairData({ paths: [source], out: filled, fillGapMinutes: 3 });
    const { volume, close } = readCandles(filled);
    expect([volume[2_000], close[2_000], close[2_002]]).toEqual([0, walk.close[1_999], walk.close[1_999]]);
  });

  it('keeps what the exchange answered, and earlier repairs', async () => {
    const [store, once, twice] = [newFolder(), newFolder(), newFolder()];
    const id = { exchange: 'kraken', symbol: 'BTC-USD' };
    const writer = openSeriesForWriting(store, id);
    const minute = (row: number): number => walk.time[0] + row * MINUTE_MS;
    await writer.append(cutCandles(badPrint.candles, 0, 2_000), { from: minute(0), to: minute(2_000) });
    await writer.append(cutCandles(badPrint.candles, 2_500), { from: minute(2_500), to: minute(5_000) });
    writer.close();
    await repairData({ paths: [store], out: once });
    expect(readManifest(once, id)?.covered).toEqual(readManifest(store, id)?.covered);
    await repairData({ paths: [once], out: twice });
    const [first, second] = [once, twice].map((out) => readRepairRecord(join(out, 'kraken/BTC-USD/1m')));
    expect(second?.repairs).toEqual([]);
    expect(second?.earlier).toMatchObject([{ sources: first?.sources, repairs: first?.repairs }]);
    expect((await checkData([twice])).notes).toEqual([expect.stringContaining('1 row dropped (bad-print 1)')]);
  });
});

describe('a repair refuses', () => {
  it('to write into its source, around it, or over anything else', async () => {
    const source = damaged();
    for (const out of [source, join(source, 'coinbase'), join(source, 'coinbase/BTC-USD'), join(source, 'new'), dirname(source)]) expect((await refusal({ paths: [source], out })).code).toBe('repair-in-place');
    expect((await refusal({ paths: [join(source, 'coinbase')], out: source })).code).toBe('repair-in-place');
    const other = newFolder();
    mkdirSync(join(other, 'notes'), { recursive: true });
    writeFileSync(join(other, 'notes/mine.txt'), 'mine');
    expect(await refusal({ paths: [source], out: other })).toMatchObject({ code: 'repair-out-taken', place: { file: join(other, 'notes/mine.txt') } });
    expect((await refusal({ paths: [source], out: damaged() })).code).toBe('repair-out-taken');
    expect(readdirSync(other, { recursive: true }).sort()).toEqual(['notes', 'notes/mine.txt']);
  });

  it('to mix two repairs of one series', async () => {
    const [source, out] = [damaged(), newFolder()];
    await repairData({ paths: [source], out });
    const bytes = contents(out);
    expect((await refusal({ paths: [source], out, apply: ['out-of-order', 'duplicate-same'] })).code).toBe('repair-out-taken');
    expect((await refusal({ paths: [damaged(walk)], out })).code).toBe('repair-out-taken');
    expect(contents(out)).toEqual(bytes);
  });

  it('to decide which of two candles is right, and says how to give both up', async () => {
    const out = newFolder();
    const source = damaged(plant['duplicate, different values'](walk, 3_000, 5, 0).candles);
    const error = await refusal({ paths: [source], out });
    expect(error).toMatchObject({ code: 'repair-undecided', hint: expect.stringContaining('--apply certain,duplicate-different') as string });
    expect(contents(out)).toEqual({});
    expect((await repairData({ paths: [source] })).series[0]?.undecided).toMatchObject([{ kind: 'duplicate-different', rows: 1 }]);
  });

  it('to lose a file it cannot read, or a part that is not what was stored', async () => {
    const source = damaged();
    writeFileSync(join(source, 'coinbase/BTC-USD/BTC-USD_1m_more.parquet'), 'PAR1');
    expect((await refusal({ paths: [source], out: newFolder() })).code).toBe('repair-source-unreadable');
    const store = newFolder();
    await repairData({ paths: [damaged()], out: store });
    const part = join(store, 'coinbase/BTC-USD/1m/2024-02.parquet');
    writeCandles(part, cutCandles(walk, 3_000));
    expect(await refusal({ paths: [store], out: newFolder() })).toMatchObject({ code: 'store-part-changed', place: { file: part } });
    rmSync(part);
    expect((await refusal({ paths: [store], out: newFolder() })).code).toBe('store-part-missing');
  });

  it('to shift several series at once, or to join two into one', async () => {
    const source = damaged();
    writeCandles(join(source, 'kraken/BTC-USD/BTC-USD_1m.parquet'), walk);
    expect((await refusal({ paths: [source], shiftMs: 60_000 })).code).toBe('repair-shift-several');
    const two = newFolder();
    for (const name of ['A', 'B']) writeCandles(join(two, name, 'BTC-USD_1m.parquet'), walk);
    expect((await refusal({ paths: [two] })).code).toBe('repair-same-series');
  });
});

describe('repaired candles are told from others', () => {
  const out = newFolder();
  const said = 'BTC-USD: the candles were repaired: 21 rows dropped, 19 rows put in order (out-of-order 19, duplicate-same 20, bad-print 1)';

  it('by the check and by the verification', async () => {
    await repairData({ paths: [damaged()], out });
    const check = await checkData([out]);
    expect(check).toMatchObject({ defects: 0, series: [{ repairs: [{ dropped: 21 }] }] });
    expect(check.notes).toEqual([expect.stringContaining('21 rows dropped')]);
    expect(await verifyStore(out)).toMatchObject([{ defects: [], repairs: { dropped: 21, kinds: { 'bad-print': 1 } } }]);
  });

  it('by the features, whose manifest carries the record’s hash, and by what is read from either', async () => {
    const outDir = newFolder();
    const { files, notes } = await computeFeatureFiles({ candles: [out], outDir });
    expect(notes).toEqual([expect.stringContaining(said)]);
    const folder = files[0]?.file ?? '';
    expect(readFeatureMonths(folder)?.repairs).toMatchObject({ dropped: 21, sha256: hashFile(join(out, 'coinbase/BTC-USD/1m/repairs.json')) });
    const plan = { symbol: 'BTC-USD', models: [], features: [], candles: [] };
    const parts = readdirSync(folder).filter((name) => name.endsWith('.parquet')).map((name) => join(folder, name));
    const candles = ['2024-01', '2024-02'].map((month) => join(out, `coinbase/BTC-USD/1m/${month}.parquet`));
    for (const given of [{ ...plan, candles }, { ...plan, features: parts }]) {
      const data = await readSymbolData(given, featureSet('v2-50'));
      expect(data.notes[0]).toContain(said);
      expect(data.notes[1]).toContain('1 minutes are missing in 1 gaps');
    }
  });

  it('by an evaluation, in the warnings of its results', async () => {
    const sample = cutCandles(readCandles(join(projectRoot, 'data/sample/ETH-SIM_1m_2025-01-06_2025-02-04.parquet')), 0, 9_000);
    const source = newFolder();
    writeCandles(join(source, 'ETH-SIM_1m.parquet'), plant['bad print'](sample, 5_000, 0, 0.2).candles);
    const [store, results] = [newFolder(), newFolder()];
    await repairData({ paths: [source], out: store });
    const { files } = await evaluate({ models: [join(projectRoot, 'models/sample/lstm_ETH-SIM_1m_demo.pt')], candles: [store], out: results }, { now: 0 });
    const { warnings } = JSON.parse(readFileSync(files.json, 'utf8')) as { warnings: string[] };
    expect(warnings).toContainEqual(expect.stringContaining('ETH-SIM: the candles were repaired: 1 row dropped (bad-print 1)'));
  });

  it('or not at all where the record cannot be read', async () => {
    const store = newFolder();
    cpSync(out, store, { recursive: true });
    const file = join(store, 'coinbase/BTC-USD/1m/repairs.json');
    for (const text of ['{', 'null', '{"format":1,"earlier":[]}', '{"format":1,"earlier":[],"sources":[],"remaining":[],"repairs":[{"action":"forgot"}]}']) {
      writeFileSync(file, text);
      expect((await verifyStore(store))[0]?.defects).toMatchObject([{ file, code: 'repairs-unreadable' }]);
      await expect(checkData([store])).rejects.toMatchObject({ code: 'repairs-unreadable' });
      await expect(computeFeatureFiles({ candles: [store], outDir: newFolder() })).rejects.toMatchObject({ code: 'repairs-unreadable' });
    }
    expect(existsSync(file)).toBe(true);
  });
});
