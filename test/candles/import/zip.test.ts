import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readZipCandles } from '../../../src/candles/import/binance-zip.js';
import { InputError } from '../../../src/errors.js';
import { refusalOf } from '../../support/refusals.js';
import { scratchFolder } from '../../tables/scratch-folder.js';
import { candlesCsv, plainCsv, someCandles } from '../some-candles.js';
import { binanceCsv, put, zipOf } from './export-files.js';

const folder = scratchFolder();
const candles = someCandles(200);
const name = 'BTCUSDT-1m-2025-01.zip';
const good = zipOf({ 'BTCUSDT-1m-2025-01.csv': binanceCsv(candles) });
const read = (bytes: Uint8Array) => readZipCandles(put(folder, name, bytes), 'BTC-SIM').candles;

/** The archive with a 32-bit number changed, `from` bytes after the last place where these four bytes stand. */
function changed(bytes: Uint8Array, signature: number, from: number, value: number): Uint8Array {
  const copy = Buffer.from(bytes);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(signature);
  copy.writeUInt32LE(value, copy.lastIndexOf(mark) + from);
  return copy;
}
const directoryEntry = 0x02014b50;

describe('a zip of one CSV file', () => {
  test.each<[string, string]>([
    ['microseconds, no header', binanceCsv(candles)],
    ['milliseconds, no header', binanceCsv(candles, 1)],
    ['with a header', plainCsv(candles)],
  ])('%s', (_, csv) => {
    expect(read(zipOf({ 'a.csv': csv }))).toEqual(candles);
  });

  test('in which the unit of time changes is refused with the line', () => {
    const mixed = candlesCsv(candles, '', (row) => [candles.time[row] * (row < 100 ? 1 : 1000), 2, 3, 1, 2, 5]);
    const error = refusalOf(() => read(zipOf({ 'a.csv': mixed })));
    expect([error.code, error.place?.line]).toEqual(['candle-time-unit-mixed', 101]);
  });

  test('whose text is damaged names the file and line', () => {
    const error = refusalOf(() => read(zipOf({ 'a.csv': `${binanceCsv(candles)}x,y` })));
    expect([error.code, error.place?.file?.endsWith(name), error.place?.line]).toEqual(['csv-cell-count', true, 201]);
  });
});

describe('what is refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing in it', zipOf({}), /empty/],
    ['two files', zipOf({ 'a.csv': 'x', 'b.csv': 'y' }), /2 files, a\.csv and b\.csv/],
    ['no CSV file', zipOf({ 'a.exe': 'x' }), /a\.exe, not a CSV/],
    ['not a zip', Buffer.from('timestamp,open\n1,2\n'), /zip/],
    ['no byte', new Uint8Array(0), /zip/],
    ['cut off', good.subarray(0, good.length - 30), /zip/],
    ['another checksum', changed(good, directoryEntry, 16, 12345), /checksum/],
    ['a size that is too small', changed(good, directoryEntry, 24, 100), /checksum/],
    ['a size of 2 GB', changed(good, directoryEntry, 24, 2 ** 31), /2147483648 bytes long/],
    ['a real bomb', zipOf({ 'a.csv': new Uint8Array(2 ** 26) }), /67108864 bytes long/],
  ])('%s', (_, bytes, message) => {
    const error = refusalOf(() => read(bytes));
    expect(error.code).toBe('zip-unreadable');
    expect(error.message).toMatch(message);
  });

  test('whatever is cut off or changed: refused, or the same candles', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const bytes = cut ? good.slice(0, at) : good.map((byte, index) => (index === at ? byte ^ flip : byte));
        try {
          expect(read(bytes)).toEqual(candles);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
