import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCandles } from '../../../src/candles/read-candles.js';
import { readSeries } from '../../../src/candles/store/read-series.js';
import { listSeries, monthRange, partFile, seriesFolder } from '../../../src/candles/store/series-layout.js';
import { openSeriesForWriting } from '../../../src/candles/store/series-writer.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { btc, candlesAcrossMonths, candlesWithin, minute, rangeOf, refusal, storeOf } from './some-series.js';

const scratch = scratchFolder();
const newRoot = (): string => mkdtempSync(join(scratch, 'store-'));
const candles = candlesAcrossMonths();
const february = monthRange('2025-02');

describe('a range', () => {
  it('is cut to the minute, across months', async () => {
    const root = await storeOf(newRoot(), candles);
    for (const range of [
      { from: february.from - 10 * minute, to: february.from + 11 * minute },
      { from: february.from, to: february.to },
      { from: 0, to: february.from },
      { from: rangeOf(candles).from + 3 * minute, to: rangeOf(candles).from + 4 * minute },
      { from: 0, to: 60_000 },
    ]) {
      expect(await readSeries(root, btc, { range })).toEqual(candlesWithin(candles, range));
    }
  });

  it('reads no part outside it', async () => {
    const root = await storeOf(newRoot(), candles);
    truncateSync(partFile(root, btc, '2025-01'), 7);
    expect(await readSeries(root, btc, { range: february })).toEqual(candlesWithin(candles, february));
    expect(await refusal(() => readSeries(root, btc))).toMatchObject({ code: 'store-part-changed', place: { file: partFile(root, btc, '2025-01') } });
  });
});

describe('columns', () => {
  it('not asked for are empty', async () => {
    const root = await storeOf(newRoot(), candles);
    const { time, close } = candles;
    const none = new Float64Array(0);
    expect(await readSeries(root, btc, { columns: ['close'] })).toEqual({ symbol: btc.symbol, time, open: none, high: none, low: none, close, volume: none });
  });

  it('not asked for are not read', async () => {
    const root = await storeOf(newRoot(), candles);
    const part = partFile(root, btc, '2025-01');
    const bytes = readFileSync(part);
    // The data of a zstd page begin with this number; the second column of the file is the open.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    const frames: number[] = [];
    for (let at = bytes.indexOf(frame); at >= 0; at = bytes.indexOf(frame, at + 4)) frames.push(at);
    bytes.fill(0xff, frames[1], frames[1] + 40);
    writeFileSync(part, bytes);
    const damaged: string[] = [];
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      await readSeries(root, btc, { columns: [name] }).catch(() => damaged.push(name));
    }
    expect(damaged).toHaveLength(1);
  });
});

describe('what is missing', () => {
  it('is said: the part', async () => {
    const root = await storeOf(newRoot(), candles);
    rmSync(partFile(root, btc, '2025-02'));
    expect(await refusal(() => readSeries(root, btc))).toMatchObject({ code: 'store-part-missing', place: { file: partFile(root, btc, '2025-02') } });
  });

  it('is said: the series', async () => {
    const root = await storeOf(newRoot(), candles);
    expect(await refusal(() => readSeries(root, { exchange: 'kraken', symbol: 'BTC-SIM' }))).toMatchObject({ code: 'store-series-missing' });
  });
});

it('reads while a collector writes', async () => {
  const root = await storeOf(newRoot(), candlesWithin(candles, { from: 0, to: rangeOf(candles).from + 50 * minute }));
  const writer = openSeriesForWriting(root, btc);
  let writing = true;
  const written = (async () => {
    for (let [missing] = writer.missing(rangeOf(candles)); missing !== undefined; [missing] = writer.missing(rangeOf(candles))) {
      const answered = { from: missing.from, to: Math.min(missing.to, missing.from + 50 * minute) };
      await writer.append(candlesWithin(candles, answered), answered);
      await new Promise((done) => setTimeout(done, 30));
    }
    writing = false;
  })();
  const lengths: number[] = [];
  while (writing) lengths.push((await readSeries(root, btc)).time.length);
  await written;
  writer.close();
  expect(lengths.length).toBeGreaterThan(2);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  expect(await readSeries(root, btc)).toEqual(candles);
});

describe('the readers of other candles', () => {
  it('read a series, a symbol, an exchange and a root of one exchange as they are', async () => {
    const root = await storeOf(newRoot(), candles);
    const folders = [seriesFolder(root, btc), join(root, 'coinbase', 'BTC-SIM'), join(root, 'coinbase'), root];
    for (const folder of folders) expect(readCandles(folder)).toEqual(candles);
  });

  it('take a symbol of an exchange by its name', async () => {
    const root = await storeOf(newRoot(), candles);
    await storeOf(root, candles, { exchange: 'coinbase', symbol: 'ETH-SIM' });
    expect(readCandles(join(root, 'coinbase'), { symbol: 'ETH/SIM' })).toEqual({ ...candles, symbol: 'ETH-SIM' });
  });

  it.each([['the same minutes', february], ['other minutes', monthRange('2025-01')]])('say to name an exchange where two have %s of a symbol', async (_, range) => {
    const root = await storeOf(newRoot(), candlesWithin(candles, february));
    await storeOf(root, candlesWithin(candles, range), { exchange: 'kraken', symbol: 'BTC-SIM' });
    expect(await refusal(() => readCandles(root))).toMatchObject({
      code: 'several-exchanges',
      message: expect.stringContaining('coinbase, kraken') as string,
      hint: expect.stringContaining('coinbase') as string,
    });
    expect(readCandles(join(root, 'kraken'))).toEqual(candlesWithin(candles, range));
  });
});

it('lists the series of a store', async () => {
  const root = await storeOf(newRoot(), candles);
  await storeOf(root, candles, { exchange: 'binance', symbol: 'ETH-SIM' });
  writeFileSync(join(root, 'notes.txt'), 'mine');
  expect(listSeries(root)).toEqual([{ exchange: 'binance', symbol: 'ETH-SIM' }, btc]);
  expect(listSeries(join(root, 'none'))).toEqual([]);
});
