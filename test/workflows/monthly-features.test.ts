import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import { listDataFiles } from '../../src/candles/data-files.js';
import { openSeriesForWriting } from '../../src/candles/store/series-writer.js';
import { InputError } from '../../src/errors.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import { readFeatureMonths } from '../../src/features/feature-months.js';
import { featureSet, featureSetNames } from '../../src/features/feature-sets.js';
import { readFeatureTable } from '../../src/features/read-feature-table.js';
import type { ProgressEvent } from '../../src/progress.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { computeFeatureFiles } from '../../src/workflows/features.js';
import { readSymbolData } from '../../src/workflows/symbol-data.js';
import { cutCandles, randomCandles } from '../support/random-candles.js';

let folder: string;
let store: string;
let outDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crpbot-monthly-'));
  [store, outDir] = [join(folder, 'candles'), join(folder, 'features')];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const partsOf = (symbol: string): string => join(store, 'coinbase', symbol, '1m');

/** Writes candles as a store keeps them: a part a month. Returns the months. */
function writeStore(candles: Candles): readonly string[] {
  mkdirSync(partsOf(candles.symbol), { recursive: true });
  const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);
  const months = [...new Set(Array.from(candles.time, monthOf))];
  for (const month of months) {
    const own = cutCandles(candles, candles.time.findIndex((ms) => monthOf(ms) === month), candles.time.findLastIndex((ms) => monthOf(ms) === month) + 1);
    const columns = [['timestamp', own.time], ...CANDLE_COLUMNS.map((column) => [column, own[column]] as const)] as const;
    writeParquet(join(partsOf(candles.symbol), `${month}.parquet`), columns as never, { timeColumn: 'timestamp' });
  }
  return months;
}

/** Four months of a thin market: about one minute in twenty traded, one month with a handful of candles. */
function thinCandles(symbol = 'BTC-USD', seed = 3): Candles {
  const all = randomCandles({ rows: 9000, symbol, seed, start: '2024-11-29T13:17:00Z', gaps: 0.95 });
  const inFebruary = (ms: number): boolean => new Date(ms).toISOString().startsWith('2025-02');
  let kept = 0;
  const rows = Array.from(all.time.keys()).filter((row) => !inFebruary(all.time[row]) || kept++ < 40);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]);
  const picked = { symbol, time: pick(all.time), open: pick(all.open), high: pick(all.high), low: pick(all.low), close: pick(all.close), volume: pick(all.volume) };
  return picked;
}

/** Every file of a folder by name, as bytes. */
const bytesIn = (path: string): Record<string, string> => Object.fromEntries(readdirSync(path).sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]));

const run = (options: Partial<Parameters<typeof computeFeatureFiles>[0]> = {}): ReturnType<typeof computeFeatureFiles> => computeFeatureFiles({ candles: [store], outDir, ...options });

describe('features of a candle store', () => {
  it('are written as monthly parts that together are what one run over all candles gives, to the bit', async () => {
    const candles = thinCandles();
    const months = writeStore(candles);
    expect(months.length).toBeGreaterThan(3);
    const { files } = await run();
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    expect(files).toMatchObject([{ symbol: 'BTC-USD', file: made, rows: candles.time.length, completeRows: candles.time.length - 99, months: { total: months.length, computed: months.length } }]);
    expect(readdirSync(made)).toEqual([...months.map((month) => `${month}.parquet`), 'manifest.json']);
    const whole = computeFeatures(candles, featureSet('v2-50'));
    const table = await readFeatureTable(made);
    expect(table.candles).toEqual(candles);
    expect(table.columns).toEqual(whole.columns);
    expect(readParquet(join(made, `${months[0]}.parquet`)).names).toEqual(['timestamp', ...CANDLE_COLUMNS, ...featureSet('v2-50').columns]);
  });

  it('say in the manifest what they are and where they came from', async () => {
    const months = writeStore(thinCandles());
    await run();
    const manifest = readFeatureMonths(join(outDir, 'v2-50', 'BTC-USD', '1m'))!;
    expect(manifest).toMatchObject({ format: 1, symbol: 'BTC-USD', featureSet: 'v2-50', alignment: 'causal', leaky: false, warmupRows: 99, columns: featureSet('v2-50').columns });
    expect(Object.keys(manifest.months)).toEqual(months);
    const last = manifest.months[months.at(-1)!];
    expect(last.state).toEqual({ rsi: [thinCandles().time.length, expect.any(Number), expect.any(Number)], macd: [thinCandles().time.length, ...Array.from({ length: 3 }, () => expect.any(Number) as number)] });
  });

  it('that are there already stay; a new month, a changed one and a lost one are computed, with what depends on them', async () => {
    const candles = thinCandles();
    const months = writeStore(candles);
    const parts = partsOf('BTC-USD');
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    const lastMonth = join(parts, `${months.at(-1)!}.parquet`);
    cpSync(lastMonth, join(folder, 'later'));
    rmSync(lastMonth);
    const computed = async (): Promise<number | undefined> => (await run()).files[0].months?.computed;
    expect(await computed()).toBe(months.length - 1);
    expect(await computed()).toBe(0);
    cpSync(join(folder, 'later'), lastMonth);
    expect(await computed()).toBe(1);
    const undisturbed = bytesIn(made);
    rmSync(join(made, `${months[1]}.parquet`));
    expect(await computed()).toBe(1);
    expect(bytesIn(made)).toEqual(undisturbed);
    rmSync(outDir, { recursive: true });
    expect(await computed()).toBe(months.length);
    expect(bytesIn(made)).toEqual(undisturbed);

    // One price of the second month changes: that month and all after it.
    const row = candles.time.findIndex((ms) => new Date(ms).toISOString().startsWith(months[1]));
    candles.close[row] = candles.high[row];
    candles.open[row] = candles.low[row];
    writeStore(candles);
    expect(await computed()).toBe(months.length - 1);
    expect((await readFeatureTable(made)).columns).toEqual(computeFeatures(candles, featureSet('v2-50')).columns);
    expect(await computed()).toBe(0);
  });

  it('lose the months whose candles are gone, and what killed runs left', async () => {
    const months = writeStore(thinCandles());
    await run();
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    rmSync(join(partsOf('BTC-USD'), `${months[0]}.parquet`));
    const half = join(made, `${months[1]}.parquet.4711.partial`);
    writeFileSync(half, 'PAR1');
    utimesSync(half, 0, 0);
    await run();
    expect(readdirSync(made)).toEqual([...months.slice(1).map((month) => `${month}.parquet`), 'manifest.json']);
    const incremental = bytesIn(made);
    rmSync(outDir, { recursive: true });
    await run();
    expect(bytesIn(made)).toEqual(incremental);
  });

  it.each([['v1-31', 'causal'], ['v1-31', 'legacy'], ['v2-50', 'legacy'], ['v2-50', 'legacy-a']] as const)('%s %s comes in months too', async (name, alignment) => {
    const candles = thinCandles();
    const months = writeStore(candles);
    const made = join(outDir, alignment === 'causal' ? name : `${name}-${alignment}`, 'BTC-USD', '1m');
    await run({ featureSet: name, alignment });
    const table = await readFeatureTable(made, { featureSet: name, alignment });
    expect(table.columns).toEqual(computeFeatures(candles, featureSet(name, alignment)).columns);
    rmSync(join(made, `${months[2]}.parquet`));
    const { files } = await run({ featureSet: name, alignment });
    expect(files[0].months).toEqual({ total: months.length, computed: alignment === 'causal' ? 1 : months.length });
  });

  it('are read by the evaluation, told apart from candles and from other sets', async () => {
    const candles = thinCandles();
    writeStore(candles);
    await run();
    await run({ featureSet: 'v1-31' });
    const { symbols } = listDataFiles([outDir], 'features');
    expect(symbols.map(({ symbol }) => symbol)).toEqual(['BTC-USD']);
    expect(() => listDataFiles([outDir], 'candles')).toThrowError(expect.objectContaining({ code: 'no-data-files' }) as Error);
    for (const name of ['v2-50', 'v1-31']) {
      const data = await readSymbolData({ symbol: 'BTC-USD', models: [], features: symbols[0].files, candles: [] }, featureSet(name));
      expect(Array.from(data.columns(featureSet(name)), ([, values]) => values)).toEqual(computeFeatures(candles, featureSet(name)).columns);
      expect(data.files.map(({ file }) => basename(file))).toEqual(['manifest.json']);
    }
  });

  it('of several symbols come from several threads, the same as from one', async () => {
    for (const [index, symbol] of ['BTC-USD', 'ETH-USD', 'SOL-USD'].entries()) writeStore(thinCandles(symbol, 10 + index));
    const events: ProgressEvent[] = [];
    const { files } = await run({ workers: 2, onProgress: (event) => events.push(event) });
    expect(files.map(({ symbol }) => symbol)).toEqual(['BTC-USD', 'ETH-USD', 'SOL-USD']);
    expect(events.at(-1)).toEqual({ label: 'features of 3 symbols', done: events.length, total: events.length, unit: 'months' });
    const single = join(folder, 'single');
    await run({ workers: 1, outDir: single });
    for (const { symbol, file } of files) expect(bytesIn(file)).toEqual(bytesIn(join(single, 'v2-50', symbol, '1m')));
  });

  it.each([1, 2])('a symbol that fails is named and the others are finished (%i at a time)', async (workers) => {
    for (const symbol of ['BTC-USD', 'ETH-USD', 'SOL-USD']) writeStore(thinCandles(symbol));
    const damaged = join(partsOf('ETH-USD'), '2024-12.parquet');
    writeFileSync(damaged, readFileSync(damaged).subarray(0, 1000));
    const error: unknown = await run({ workers }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: 'parquet-unreadable', place: { file: damaged } });
    expect((error as InputError).message).toMatch(/^ETH-USD: .*\(the other 2 of 3 symbols are done\)$/);
    for (const symbol of ['BTC-USD', 'SOL-USD']) expect(Object.keys(readFeatureMonths(join(outDir, 'v2-50', symbol, '1m'))!.months)).toHaveLength(readdirSync(partsOf(symbol)).length);
  });

  describe('of one symbol on several threads', () => {
    /** Fourteen months: more than one thread is worth starting for. */
    const longCandles = (): Candles => randomCandles({ rows: 6000, symbol: 'BTC-USD', seed: 21, start: '2024-01-03T10:00:00Z', gaps: 0.99 });
    const made = (set: string, out = outDir): string => join(out, set, 'BTC-USD', '1m');

    it.each(['v1-31', 'v2-50', featureSetNames().at(-1)!])('%s is the same as on one, whichever thread takes which months', async (featureSet) => {
      const months = writeStore(longCandles());
      expect(months.length).toBeGreaterThan(12);
      await run({ featureSet, workers: 1, outDir: join(folder, 'single') });
      const events: ProgressEvent[] = [];
      await run({ featureSet, workers: 3, onProgress: (event) => events.push(event) });
      expect(bytesIn(made(featureSet))).toEqual(bytesIn(made(featureSet, join(folder, 'single'))));
      expect(events.map(({ done }) => done)).toEqual(months.map((_, index) => index + 1));
      // What stands between computed months stays, and is where the next ones go on from.
      for (const month of [...months.slice(1, 5), ...months.slice(6)]) rmSync(join(made(featureSet), `${month}.parquet`));
      expect((await run({ featureSet, workers: 2 })).files[0].months).toEqual({ total: months.length, computed: months.length - 2 });
      expect(bytesIn(made(featureSet))).toEqual(bytesIn(made(featureSet, join(folder, 'single'))));
    });

    it('a damaged month is named, the months done stay, and mended it goes on to the same bytes', async () => {
      const months = writeStore(longCandles());
      await run({ workers: 1, outDir: join(folder, 'single') });
      const damaged = join(partsOf('BTC-USD'), `${months[7]}.parquet`);
      const whole = readFileSync(damaged);
      writeFileSync(damaged, whole.subarray(0, 500));
      await expect(run({ workers: 2 })).rejects.toMatchObject({ code: 'parquet-unreadable', place: { file: damaged } });
      const done = Object.keys(readFeatureMonths(made('v2-50'))!.months);
      expect(done).not.toContain(months[7]);
      writeFileSync(damaged, whole);
      expect((await run({ workers: 2 })).files[0].months?.computed).toBe(months.length - done.length);
      expect(bytesIn(made('v2-50'))).toEqual(bytesIn(made('v2-50', join(folder, 'single'))));
    });

    it('stops when told to, and goes on from there', async () => {
      writeStore(longCandles());
      const stop = new AbortController();
      await expect(run({ workers: 2, signal: stop.signal, onProgress: ({ done }) => void (done === 3 && stop.abort()) })).rejects.toThrowError(/abort/);
      await run({ workers: 2 });
      await run({ workers: 1, outDir: join(folder, 'single') });
      expect(bytesIn(made('v2-50'))).toEqual(bytesIn(made('v2-50', join(folder, 'single'))));
    });
  });

  it('stop between months when told to, and go on from there to the same bytes', async () => {
    const months = writeStore(thinCandles());
    await run({ outDir: join(folder, 'undisturbed') });
    const stop = new AbortController();
    await expect(run({ signal: stop.signal, onProgress: ({ done }) => void (done === 2 && stop.abort()) })).rejects.toThrowError(/abort/);
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    expect(Object.keys(readFeatureMonths(made)!.months)).toEqual(months.slice(0, 2));
    expect((await run()).files[0].months?.computed).toBe(months.length - 2);
    expect(bytesIn(made)).toEqual(bytesIn(join(folder, 'undisturbed', 'v2-50', 'BTC-USD', '1m')));
  });

  it('refuse a part that holds another month', async () => {
    const months = writeStore(thinCandles());
    cpSync(join(partsOf('BTC-USD'), `${months[0]}.parquet`), join(partsOf('BTC-USD'), '2024-10.parquet'));
    await expect(run()).rejects.toMatchObject({ code: 'candle-part-month', place: { file: join(partsOf('BTC-USD'), '2024-10.parquet'), row: 0 } });
  });

  it('say which part is not what the manifest says', async () => {
    const months = writeStore(thinCandles());
    await run();
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    cpSync(join(made, `${months[2]}.parquet`), join(made, `${months[1]}.parquet`));
    await expect(readFeatureTable(made)).rejects.toThrowError(InputError);
    rmSync(join(made, `${months[1]}.parquet`));
    await expect(readFeatureTable(made)).rejects.toMatchObject({ code: 'file-missing', place: { file: join(made, `${months[1]}.parquet`) } });
  });
});

describe('a part that is not what was stored', () => {
  it.each([
    ['another symbol’s', () => join(store, 'coinbase/ETH-USD/1m/2025-01.parquet')],
    ['another month’s', () => join(store, 'coinbase/BTC-USD/1m/2025-02.parquet')],
  ])('is named, and the other symbols are done: %s', async (_, other) => {
    for (const [seed, symbol] of ['BTC-USD', 'ETH-USD'].entries()) {
      const candles = randomCandles({ rows: 4000, symbol, seed, start: '2025-01-30T00:00:00Z' });
      const writer = openSeriesForWriting(store, { exchange: 'coinbase', symbol });
      await writer.append(candles, { from: candles.time[0], to: candles.time[3999] + 60_000 });
      writer.close();
    }
    const part = join(partsOf('BTC-USD'), '2025-01.parquet');
    cpSync(other(), part);
    const partial: string[] = [];
    const failing = run({ onPartial: (files) => void partial.push(...files.map(({ symbol }) => symbol)) });
    await expect(failing).rejects.toMatchObject({ name: 'InputError', code: 'store-part-changed', place: { file: part } });
    expect(partial).toEqual(['ETH-USD']);
  });
});

describe('killed at any moment and run again', () => {
  it('gives the bytes of an undisturbed run', { timeout: 120_000 }, async () => {
    writeStore(thinCandles());
    await run({ outDir: join(folder, 'undisturbed') });
    const made = join(outDir, 'v2-50', 'BTC-USD', '1m');
    const program = `import('./src/workflows/features.ts').then(async ({ computeFeatureFiles }) => { process.send('begin'); await computeFeatureFiles({ candles: [${JSON.stringify(store)}], outDir: ${JSON.stringify(outDir)} }); })`;
    let killed = 0;
    for (let attempt = 0; attempt < 6; attempt++) {
      const child = spawn(process.execPath, ['--import', 'tsx', '-e', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
      await new Promise((begin) => child.once('message', begin));
      const timer = setTimeout(() => child.kill('SIGKILL'), 15 + 25 * attempt);
      if ((await ended) === 'SIGKILL') killed++;
      clearTimeout(timer);
    }
    expect(killed).toBeGreaterThan(0);
    await run();
    const finished = Object.fromEntries(Object.entries(bytesIn(made)).filter(([name]) => !name.endsWith('.partial')));
    expect(finished).toEqual(bytesIn(join(folder, 'undisturbed', 'v2-50', 'BTC-USD', '1m')));
    expect(existsSync(made) && statSync(made).isDirectory()).toBe(true);
  });
});
