import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFeatherCandles } from '../../src/candles/import/read-feather.js';
import { InputError } from '../../src/errors.js';
import { readFeather } from '../../src/tables/feather.js';
import { featherOf, put } from '../candles/import/export-files.js';
import { monday, someCandles } from '../candles/some-candles.js';
import { refusalOf } from '../support/refusals.js';
import { scratchFolder } from './scratch-folder.js';

const folder = scratchFolder();
const candles = someCandles(300);
const read = (bytes: Uint8Array) => readFeatherCandles(put(folder, 'BTC_SIM-1m.feather', bytes), 'BTC-SIM').candles;

describe('a Feather file', () => {
  test.each(['uncompressed', 'lz4', 'zstd'] as const)('%s', (compression) => {
    expect(read(featherOf(candles, compression))).toEqual(candles);
  });

  test("of freqtrade's, by pandas", () => {
    const { candles: found } = readFeatherCandles(join(import.meta.dirname, '../fixtures/feather/BTC_USDT-1m.feather'), 'BTC-USDT');
    expect(found.time).toEqual(Float64Array.from({ length: 90 }, (_, row) => monday + 60_000 * row));
    expect(found.close).toEqual(found.open.map((open) => open + 0.5));
    expect(found.volume).toEqual(Float64Array.from({ length: 90 }, (_, row) => row + 0.25));
  });

  test('without rows', () => {
    expect(read(featherOf(someCandles(0), 'uncompressed')).time.length).toBe(0);
  });
});

describe('what is refused', () => {
  const good = featherOf(candles, 'lz4');
  test.each<[string, Uint8Array, RegExp]>([
    ['no byte', new Uint8Array(0), /begin|version/],
    ['text', Buffer.from('timestamp,open,high,low,close,volume'), /does not begin/],
    ['version 1', Buffer.from('FEA1....................FEA1'), /version 1/],
    ['cut off', good.subarray(0, good.length - 1), /cut off/],
    ['a time zone that is none', Buffer.from(Buffer.from(good).toString('latin1').replaceAll('UTC', '?TC'), 'latin1'), /unknown time zone/],
    ['a footer longer than the file', ((bytes) => (bytes.writeInt32LE(2 ** 30, bytes.length - 10), bytes))(Buffer.from(good)), /footer claims/],
  ])('%s', (_, bytes, message) => {
    const error = refusalOf(() => read(bytes));
    expect(error.code).toBe('feather-unreadable');
    expect(error.message).toMatch(message);
  });

  test('a missing file', () => {
    expect(refusalOf(() => readFeather(join(folder, 'none.feather'))).code).toBe('file-missing');
  });

  test.each(['uncompressed', 'lz4', 'zstd'] as const)('whatever is cut off or changed in a file, %s, never crashes', (compression) => {
    const bytes = featherOf(candles, compression);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }), fc.boolean(), (flips, cut) => {
        const copy = cut ? bytes.slice(0, flips[0][0]) : Uint8Array.from(bytes);
        if (!cut) for (const [at, flip] of flips) copy[at] ^= flip;
        try {
          expect(read(copy).time.length).toBe(300);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
});
