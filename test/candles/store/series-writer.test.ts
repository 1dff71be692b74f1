import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyRows } from '../../../src/candles/store/month-part.js';
import { readSeries } from '../../../src/candles/store/read-series.js';
import { manifestFile, partFile, seriesFolder } from '../../../src/candles/store/series-layout.js';
import { readManifest } from '../../../src/candles/store/series-manifest.js';
import { openSeriesForWriting } from '../../../src/candles/store/series-writer.js';
import { verifySeries } from '../../../src/candles/store/verify.js';
import { InputError } from '../../../src/errors.js';
import { THIS_HOST } from '../../../src/this-host.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { btc, candlesAcrossMonths, candlesWithin, contentOf, minute, rangeOf, refusal, storeOf } from './some-series.js';

const scratch = scratchFolder();
const newRoot = (): string => mkdtempSync(join(scratch, 'store-'));
const candles = candlesAcrossMonths();
const whole = rangeOf(candles);

describe('what is stored', () => {
  it('is a part a month and a manifest, which says what was asked for', async () => {
    const root = await storeOf(newRoot(), candles);
    expect(Object.keys(contentOf(root))).toEqual(['2025-01.parquet', '2025-02.parquet', 'manifest.json'].map((name) => join('coinbase', 'BTC-SIM', '1m', name)));
    const manifest = readManifest(root, btc);
    expect(manifest?.covered).toEqual([whole]);
    expect(manifest?.writing).toBeUndefined();
    expect(Object.entries(manifest?.months ?? {}).map(([month, { rows, first, last }]) => [month, rows, first, last])).toEqual([
      ['2025-01', 257, '2025-01-31T19:00:00.000Z', '2025-01-31T23:59:00.000Z'],
      ['2025-02', 257, '2025-02-01T00:00:00.000Z', '2025-02-01T04:59:00.000Z'],
    ]);
    expect(await readSeries(root, btc)).toEqual(candles);
  });

  it('has the same bytes however it was cut up, and in whatever order and how often it came', async () => {
    const expected = contentOf(await storeOf(newRoot(), candles));
    const cuts = fc.array(fc.integer({ min: 1, max: 599 }), { maxLength: 8 });
    const property = fc.asyncProperty(cuts, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), fc.boolean(), async (at, order, reopened) => {
      const edges = [...new Set([0, ...at, 600])].sort((a, b) => a - b).map((row) => Math.min(whole.from + row * minute, whole.to));
      const pieces = edges.slice(1).map((to, index) => ({ from: edges[index], to })).filter(({ from, to }) => from < to);
      const overlapping = pieces.map(({ from, to }) => ({ from: Math.max(whole.from, from - 5 * minute), to }));
      const shuffled = [...pieces, ...overlapping].map((range) => ({ range, key: order.next().value as number })).sort((a, b) => a.key - b.key);
      const root = newRoot();
      let writer = openSeriesForWriting(root, btc);
      for (const { range } of shuffled) {
        await writer.append(candlesWithin(candles, range), range);
        if (!reopened) continue;
        writer.close();
        writer = openSeriesForWriting(root, btc);
      }
      expect(writer.missing(whole)).toEqual([]);
      writer.close();
      expect(contentOf(root)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 12 });
  });

  it('is not written again where nothing is new', async () => {
    const root = await storeOf(newRoot(), candles);
    const writtenAt = (month: string): number => statSync(partFile(root, btc, month)).mtimeMs;
    const before = ['2025-01', '2025-02'].map(writtenAt);
    const writer = openSeriesForWriting(root, btc);
    await writer.append(candles, whole);
    expect(['2025-01', '2025-02'].map(writtenAt)).toEqual(before);
    const later = { from: whole.to, to: whole.to + minute };
    await writer.append({ ...copyRows(candles, 0, 1), time: Float64Array.of(whole.to) }, later);
    writer.close();
    expect(writtenAt('2025-01')).toBe(before[0]);
    expect(writtenAt('2025-02')).toBeGreaterThan(before[1]);
  });

  it('covers minutes without a trade, and months without any', async () => {
    const root = newRoot();
    const writer = openSeriesForWriting(root, btc);
    const quiet = { from: Date.UTC(2024, 10, 1), to: Date.UTC(2025, 0, 1) };
    expect(writer.missing(quiet)).toEqual([quiet]);
    await writer.append(copyRows(candles, 0, 0), quiet);
    expect(writer.missing({ from: quiet.from - minute, to: quiet.to + minute })).toEqual([
      { from: quiet.from - minute, to: quiet.from },
      { from: quiet.to, to: quiet.to + minute },
    ]);
    writer.close();
    expect(readManifest(root, btc)?.months).toEqual({});
  });
});

describe('what is refused, with the store as it was', () => {
  it.each<[string, () => Parameters<ReturnType<typeof openSeriesForWriting>['append']>]>([
    ['store-conflict', () => [{ ...candles, close: candles.close.map((value, row) => (row === 400 ? value + 0.25 : value)) }, whole]],
    ['store-wrong-symbol', () => [{ ...candles, symbol: 'ETH-SIM' }, whole]],
    ['store-outside-answered', () => [candles, { from: whole.from, to: whole.to - minute }]],
    ['candle-high-too-low', () => [{ ...candles, high: candles.low }, whole]],
    ['candle-time-unsorted', () => [{ ...candles, time: candles.time.slice().reverse() }, whole]],
  ])('%s', async (code, given) => {
    const root = await storeOf(newRoot(), candlesWithin(candles, { from: whole.from + 30 * minute, to: whole.to }));
    const before = contentOf(root);
    const writer = openSeriesForWriting(root, btc);
    expect(await refusal(() => writer.append(...given()))).toMatchObject({ code });
    writer.close();
    expect(contentOf(root)).toEqual(before);
  });

  it('a conflict names the minute and both values', async () => {
    const root = await storeOf(newRoot(), candles);
    const writer = openSeriesForWriting(root, btc);
    const one = candlesWithin(candles, { from: whole.from, to: whole.from + minute });
    const error = await refusal(() => writer.append({ ...one, volume: Float64Array.of(7) }, rangeOf(one)));
    writer.close();
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(`2025-01-31T19:00:00.000Z: volume is ${one.volume[0]} in the store and 7`);
  });

  it.each([['../up', 'BTC-USD'], ['Coinbase', 'BTC-USD'], ['coinbase', 'btc/usd'], ['coinbase', '..']])('the name %s %s', async (exchange, symbol) => {
    const error = await refusal(() => openSeriesForWriting(newRoot(), { exchange, symbol }));
    expect(error).toBeInstanceOf(InputError);
  });
});

describe('a store that was changed by others', () => {
  const reopen = (root: string): ReturnType<typeof openSeriesForWriting> => openSeriesForWriting(root, btc);

  it('asks again for the month of a missing part', async () => {
    const root = await storeOf(newRoot(), candles);
    const before = contentOf(root);
    rmSync(partFile(root, btc, '2025-02'));
    const writer = reopen(root);
    const [missing, ...others] = writer.missing(whole);
    expect([missing, others]).toEqual([{ from: Date.UTC(2025, 1, 1), to: whole.to }, []]);
    await writer.append(candlesWithin(candles, missing), missing);
    writer.close();
    expect(contentOf(root)).toEqual(before);
  });

  it('refuses a damaged part, and says that deleting it has it fetched again', async () => {
    const root = await storeOf(newRoot(), candles);
    const part = partFile(root, btc, '2025-02');
    writeFileSync(part, readFileSync(part).fill(0, 200, 204));
    expect(await refusal(() => reopen(root))).toMatchObject({ code: 'store-part-changed', place: { file: part }, hint: expect.stringContaining('delete it') as string });
    expect(await refusal(() => reopen(root)), 'the lock was given back').toMatchObject({ code: 'store-part-changed' });
  });

  it('takes the parts over where the manifest is gone, and asks for the minutes without a candle', async () => {
    const root = await storeOf(newRoot(), candles);
    const before = contentOf(root);
    rmSync(manifestFile(root, btc));
    const writer = reopen(root);
    expect(writer.missing(whole)).toHaveLength(86);
    expect(writer.missing(whole)[0]).toEqual({ from: whole.from + 3 * minute, to: whole.from + 4 * minute });
    for (const range of writer.missing(whole)) await writer.append(copyRows(candles, 0, 0), range);
    writer.close();
    expect(contentOf(root)).toEqual(before);
  });

  it('refuses an unlisted part that is none', async () => {
    const root = await storeOf(newRoot(), candles);
    copyFileSync(partFile(root, btc, '2025-01'), partFile(root, btc, '2024-12'));
    expect(await refusal(() => reopen(root))).toMatchObject({ code: 'store-part-unlisted', place: { file: partFile(root, btc, '2024-12') } });
  });

  it.each<[string, (text: string) => string]>([
    ['no JSON', (text) => text.slice(0, -10)],
    ['another symbol', (text) => text.replace('BTC-SIM', 'ETH-SIM')],
    ['another format', (text) => text.replace('"format": 1', '"format": 2')],
    ['no row count', (text) => text.replace('"rows": 257', '"rows": -1')],
    ['no hash', (text) => text.replace(/"sha256": "./, '"sha256": "x')],
    ['covered in disorder', (text) => text.replace(/"from": \d+/, '"from": 9999999960000')],
    ['a month that is none', (text) => text.replace('"2025-02"', '"2025-13"')],
    ['a list', () => '[]'],
  ])('refuses a manifest with %s', async (_, change) => {
    const root = await storeOf(newRoot(), candles);
    const file = manifestFile(root, btc);
    const text = change(readFileSync(file, 'utf8'));
    expect(text).not.toBe(readFileSync(file, 'utf8'));
    writeFileSync(file, text);
    const refused = { code: 'store-manifest-unreadable', place: { file } };
    expect(await refusal(() => reopen(root))).toMatchObject(refused);
    expect(await refusal(() => readSeries(root, btc))).toMatchObject(refused);
  });
});

describe('a writer that was stopped', () => {
  const january = candlesWithin(candles, { from: whole.from, to: Date.UTC(2025, 1, 1) });

  /** The store as it is when the last step of an append is done or not. */
  async function stopped(partWritten: boolean): Promise<string> {
    const root = await storeOf(newRoot(), copyRows(january, 0, 100));
    const complete = await storeOf(newRoot(), january);
    const manifest = readManifest(root, btc);
    const sha256 = readManifest(complete, btc)?.months['2025-01'].sha256;
    writeFileSync(manifestFile(root, btc), JSON.stringify({ ...manifest, writing: { month: '2025-01', sha256 } }));
    if (partWritten) copyFileSync(partFile(complete, btc, '2025-01'), partFile(root, btc, '2025-01'));
    return root;
  }

  it.each([false, true])('leaves a store that is readable, right, and mended when opened (part written: %s)', async (partWritten) => {
    const root = await stopped(partWritten);
    for (const name of ['2025-01.parquet', 'manifest.json', 'probe', '.writing.lock'].map((target) => `${target}.${THIS_HOST}.4194305.0123abcd`)) {
      writeFileSync(join(seriesFolder(root, btc), `${name}.partial`), 'half of');
    }
    expect((await readSeries(root, btc)).time.length).toBe(partWritten ? january.time.length : 100);
    expect((await verifySeries(root, btc)).defects).toEqual([]);
    const writer = openSeriesForWriting(root, btc);
    expect(writer.manifest.writing).toBeUndefined();
    expect(writer.missing(rangeOf(january)), 'what it was answered was not yet recorded').toEqual([{ from: january.time[99] + minute, to: rangeOf(january).to }]);
    await writer.append(january, rangeOf(january));
    writer.close();
    expect(contentOf(root)).toEqual(contentOf(await storeOf(newRoot(), january)));
  });

  it('goes on after a write that failed', async () => {
    const root = await storeOf(newRoot(), copyRows(january, 0, 100));
    const writer = openSeriesForWriting(root, btc);
    const inTheWay = partFile(root, btc, '2025-02');
    mkdirSync(inTheWay);
    expect(await refusal(() => writer.append(candles, whole))).toMatchObject({ code: 'cannot-write' });
    expect(readManifest(root, btc)?.writing?.month).toBe('2025-02');
    rmdirSync(inTheWay);
    expect((await verifySeries(root, btc)).defects).toEqual([]);
    expect(await readSeries(root, btc), 'January was stored').toEqual(january);
    await writer.append(candles, whole);
    writer.close();
    expect(contentOf(root)).toEqual(contentOf(await storeOf(newRoot(), candles)));
    expect(readdirSync(seriesFolder(root, btc)).sort()).toEqual(['2025-01.parquet', '2025-02.parquet', 'manifest.json']);
  });
});
