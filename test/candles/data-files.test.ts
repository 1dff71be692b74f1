import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listCandleFiles, listDataFiles } from '../../src/candles/data-files.js';
import { scratchFolder } from '../tables/scratch-folder.js';

const folder = scratchFolder();
for (const name of [
  'BTC-USD_1m_2020.csv.gz',
  'BTC-USD_1m_2018.parquet',
  'ETH_USD_1m.parquet',
  'ETH-USD_5m.parquet',
  'SOL-USD/1m/2025-01.parquet',
  'features_BTC-USD_1m_50feat.parquet',
  'features_BTC-USD_1m_50feat.json',
  'lstm_BTC_USD_1m_ab.pt',
  'lstm_bare.pt',
  'notes.txt',
  'walk.parquet',
  '.hidden/BTC-USD_1m.parquet',
]) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), '');
}
const inFolder = (...names: string[]): string[] => names.map((name) => join(folder, name));

describe('links', () => {
  it('a folder that links to itself is read once, and one file by two names is one', () => {
    const linked = scratchFolder();
    writeFileSync(join(linked, 'BTC-USD_1m.parquet'), '');
    symlinkSync(linked, join(linked, 'again'));
    symlinkSync(join(linked, 'BTC-USD_1m.parquet'), join(linked, 'BTC-USD_1m_latest.parquet'));
    const found = listCandleFiles([linked, join(linked, 'BTC-USD_1m.parquet')]);
    expect(found.symbols).toEqual([{ symbol: 'BTC-USD', files: [join(linked, 'BTC-USD_1m.parquet')] }]);
    expect(found.ignored).toEqual([{ file: join(linked, 'BTC-USD_1m_latest.parquet'), reason: `the same file as ${join(linked, 'BTC-USD_1m.parquet')}` }]);
  });
});

describe('a folder', () => {
  it('gives its candle files by symbol, and lists what it ignored and why', () => {
    const found = listCandleFiles([folder]);
    expect(found.symbols).toEqual([
      { symbol: 'BTC-USD', files: inFolder('BTC-USD_1m_2018.parquet', 'BTC-USD_1m_2020.csv.gz') },
      { symbol: 'ETH-USD', files: inFolder('ETH_USD_1m.parquet') },
      { symbol: 'SOL-USD', files: inFolder('SOL-USD/1m/2025-01.parquet') },
    ]);
    expect(found.ignored.map(({ file, reason }) => [file.slice(folder.length + 1), reason])).toEqual([
      ['ETH-USD_5m.parquet', 'timeframe 5m'],
      ['features_BTC-USD_1m_50feat.json', 'not candles'],
      ['features_BTC-USD_1m_50feat.parquet', 'not candles'],
      ['lstm_BTC_USD_1m_ab.pt', 'not candles'],
      ['lstm_bare.pt', 'not candles'],
      ['notes.txt', 'not candles'],
      ['walk.parquet', 'no symbol in its name'],
    ]);
  });

  it('gives feature files and models the same way', () => {
    expect(listDataFiles([folder], 'features').symbols).toEqual([{ symbol: 'BTC-USD', files: inFolder('features_BTC-USD_1m_50feat.parquet') }]);
    const models = listDataFiles([folder], 'model');
    expect(models.symbols).toEqual([{ symbol: 'BTC-USD', files: inFolder('lstm_BTC_USD_1m_ab.pt') }]);
    expect(models.ignored).toContainEqual({ file: join(folder, 'lstm_bare.pt'), reason: 'no symbol in its name' });
  });

  it('counts a file once, named and found', () => {
    expect(listCandleFiles([folder, join(folder, 'ETH_USD_1m.parquet')]).symbols[1].files).toHaveLength(1);
  });

  it('without any is refused, saying what was ignored', () => {
    expect(() => listDataFiles([join(folder, 'SOL-USD')], 'model')).toThrow(
      expect.objectContaining({ code: 'no-data-files', hint: expect.stringContaining('2025-01.parquet (not a model)') as string }),
    );
  });
});

describe('a file given by name', () => {
  it('is taken whatever its name, as long as that says the symbol', () => {
    expect(listCandleFiles(inFolder('ETH-USD_5m.parquet')).symbols).toEqual([{ symbol: 'ETH-USD', files: inFolder('ETH-USD_5m.parquet') }]);
    expect(() => listCandleFiles(inFolder('walk.parquet'))).toThrow(expect.objectContaining({ code: 'symbol-unknown' }));
    expect(() => listCandleFiles(inFolder('none.parquet'))).toThrow(expect.objectContaining({ code: 'path-missing' }));
  });
});
