import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../../src/candles/candles.js';
import { encodePart } from '../../../src/candles/store/month-part.js';
import { readSeries } from '../../../src/candles/store/read-series.js';
import { manifestFile, monthRange, partFile } from '../../../src/candles/store/series-layout.js';
import { readManifest } from '../../../src/candles/store/series-manifest.js';
import { verifySeries } from '../../../src/candles/store/verify.js';
import { verifyStore } from '../../../src/workflows/verify-store.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { btc, candlesAcrossMonths, candlesWithin, refusal, storeOf } from './some-series.js';

const scratch = scratchFolder();
const newRoot = (): string => mkdtempSync(join(scratch, 'store-'));
const candles = candlesAcrossMonths();
const february = candlesWithin(candles, monthRange('2025-02'));

/** Puts other candles in February's place; `listed` has the manifest agree with the bytes. */
function replaceFebruary(root: string, replacement: Candles, listed: boolean): void {
  const { bytes, record } = encodePart(replacement);
  writeFileSync(partFile(root, btc, '2025-02'), bytes);
  const manifest = readManifest(root, btc);
  if (listed) writeFileSync(manifestFile(root, btc), JSON.stringify({ ...manifest, months: { ...manifest?.months, '2025-02': { ...manifest?.months['2025-02'], sha256: record.sha256, bytes: record.bytes } } }));
}

it('finds nothing in a store as it was written', async () => {
  const root = await storeOf(newRoot(), candles);
  expect(await verifySeries(root, btc)).toEqual({ ...btc, months: 2, rows: 514, defects: [] });
});

describe('finds, and names the file of', () => {
  const part = '2025-02.parquet';
  it.each<[string, string, readonly string[], (root: string) => void]>([
    ['a part that is missing', part, ['store-part-missing'], (root) => rmSync(partFile(root, btc, '2025-02'))],
    ['a part cut short', part, ['store-part-changed', 'parquet-unreadable'], (root) => truncateSync(partFile(root, btc, '2025-02'), 3000)],
    ['one changed bit', part, ['store-part-changed'], (root) => {
      const bytes = readFileSync(partFile(root, btc, '2025-02'));
      // Within the name of the program that wrote it, which no reader looks at.
      bytes[bytes.lastIndexOf('Polars')] ^= 1;
      writeFileSync(partFile(root, btc, '2025-02'), bytes);
    }],
    ['a part with fewer candles', part, ['store-part-changed', 'store-record-wrong'], (root) => replaceFebruary(root, candlesWithin(february, { from: 0, to: february.time[200] }), false)],
    ['a record that does not fit', part, ['store-record-wrong'], (root) => replaceFebruary(root, candlesWithin(february, { from: 0, to: february.time[200] }), true)],
    ['candles of another month', part, ['store-rows-outside-month'], (root) => replaceFebruary(root, candlesWithin(candles, monthRange('2025-01')), true)],
    ['candles that cannot be', part, ['candle-high-too-low'], (root) => replaceFebruary(root, { ...february, high: february.low }, true)],
    ['a part that nobody listed', '2024-12.parquet', ['store-part-unlisted', 'store-rows-outside-month'], (root) => copyFileSync(partFile(root, btc, '2025-01'), partFile(root, btc, '2024-12'))],
    ['a manifest that is missing', 'manifest.json', ['store-manifest-missing'], (root) => rmSync(manifestFile(root, btc))],
    ['a manifest that is damaged', 'manifest.json', ['store-manifest-unreadable'], (root) => truncateSync(manifestFile(root, btc), 100)],
  ])('%s', async (_, name, codes, damage) => {
    const root = await storeOf(newRoot(), candles);
    damage(root);
    const { defects } = await verifySeries(root, btc);
    expect(defects.map(({ code }) => code)).toEqual(codes);
    for (const { file, problem, hint } of defects) {
      expect(file).toBe(join(root, 'coinbase', 'BTC-SIM', '1m', name));
      expect(problem).not.toBe('');
      expect(hint).not.toBe('');
    }
  });

  it('all of several, while the rest stays usable', async () => {
    const root = await storeOf(newRoot(), candles);
    truncateSync(partFile(root, btc, '2025-02'), 3000);
    writeFileSync(partFile(root, btc, '2025-03'), '');
    const { defects } = await verifySeries(root, btc);
    expect([...new Set(defects.map(({ file }) => file.slice(-15)))]).toEqual(['2025-02.parquet', '2025-03.parquet']);
    const january = monthRange('2025-01');
    expect(await readSeries(root, btc, { range: january })).toEqual(candlesWithin(candles, january));
  });
});

describe('a folder of a store', () => {
  it('has its series verified, whichever level it is', async () => {
    const root = await storeOf(newRoot(), candles);
    await storeOf(root, candles, { exchange: 'coinbase', symbol: 'ETH-SIM' });
    await storeOf(root, candles, { exchange: 'kraken', symbol: 'BTC-SIM' });
    const found = async (...path: string[]): Promise<string[]> => (await verifyStore(join(root, ...path))).map(({ exchange, symbol, rows }) => `${exchange} ${symbol} ${rows}`);
    expect(await found()).toEqual(['coinbase BTC-SIM 514', 'coinbase ETH-SIM 514', 'kraken BTC-SIM 514']);
    expect(await found('coinbase')).toEqual(['coinbase BTC-SIM 514', 'coinbase ETH-SIM 514']);
    expect(await found('coinbase', 'ETH-SIM')).toEqual(['coinbase ETH-SIM 514']);
    expect(await found('kraken', 'BTC-SIM', '1m')).toEqual(['kraken BTC-SIM 514']);
  });

  it('that holds none, or is none, is refused', async () => {
    const root = newRoot();
    expect(await refusal(() => verifyStore(root))).toMatchObject({ code: 'store-series-missing' });
    expect(await refusal(() => verifyStore(join(root, 'none')))).toMatchObject({ code: 'path-missing' });
  });
});
