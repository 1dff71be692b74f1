import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { fixtures } from '../support/requirements.js';
import { parquetSkeleton } from './parquet-skeleton.js';
import type { Claims } from './parquet-skeleton.js';
import { scratchFolder } from './scratch-folder.js';

const folder = scratchFolder();
const pandas = join(fixtures, 'pandas');
const monday = Date.UTC(2025, 0, 6);

function refusal(read: () => unknown): InputError {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a Parquet file', () => {
  it('gives back what was written, NaN included, columns in order', () => {
    const file = join(folder, 'round trip.parquet');
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 50 }), (numbers) => {
        const values = Float64Array.from(numbers);
        writeParquet(file, [['b', values], ['a', () => values.slice().reverse()]]);
        const table = readParquet(file);
        expect(table.rows).toBe(values.length);
        expect(table.names).toEqual(['b', 'a']);
        expect(table.column('b')).toEqual(values);
        expect(table.column('a')).toEqual(values.slice().reverse());
      }),
      { numRuns: 25 },
    );
  });

  it('keeps times as datetimes and labels as integers', () => {
    const file = join(folder, 'typed.parquet');
    const times = Float64Array.of(monday, monday + 60_000);
    writeParquet(file, [['timestamp', times], ['label', Float64Array.of(1, NaN)]], { timeColumn: 'timestamp', integerColumns: ['label'] });
    const table = readParquet(file);
    expect(table.isTime('timestamp')).toBe(true);
    expect(table.isTime('label')).toBe(false);
    expect(table.column('timestamp')).toEqual(times);
    expect(table.column('label')).toEqual(Float64Array.of(1, NaN));
  });

  it('asks for one column at a time when written, so that none need be kept', () => {
    const order: string[] = [];
    const columns = function* () {
      for (const name of ['a', 'b']) {
        order.push(`${name} asked`);
        yield [name, () => (order.push(`${name} made`), new Float64Array(2))] as const;
      }
    };
    writeParquet(join(folder, 'lazy.parquet'), columns());
    expect(order).toEqual(['a asked', 'a made', 'b asked', 'b made']);
  });

  it('is the same bytes when written twice', () => {
    const values = Float64Array.from({ length: 1000 }, (_, row) => Math.sin(row));
    for (const name of ['one', 'two']) writeParquet(join(folder, `${name}.parquet`), [['x', values]]);
    expect(readFileSync(join(folder, 'one.parquet')).equals(readFileSync(join(folder, 'two.parquet')))).toBe(true);
  });

  it('is written whole or not at all', () => {
    const notAFolder = join(folder, 'a file');
    writeFileSync(notAFolder, '');
    expect(refusal(() => writeParquet(join(notAFolder, 'x.parquet'), [['x', new Float64Array(1)]])).code).toBe('cannot-write');
    const target = join(folder, 'failed');
    expect(() => writeParquet(join(target, 'x.parquet'), [['x', new Float64Array(1)], ['y', new Float64Array(2)]])).toThrow('column y has 2 rows');
    expect(existsSync(target)).toBe(false);
  });

  it('gives its last rows, or all there are', () => {
    const file = join(folder, 'last rows.parquet');
    const columns = [['time', Float64Array.of(1, 2, 3)], ['value', Float64Array.of(7, NaN, 9)]] as const;
    writeParquet(file, columns, { timeColumn: 'time' });
    const two = readParquet(file, { lastRows: 2 });
    expect({ rows: two.rows, time: two.column('time'), value: two.column('value') }).toEqual({ rows: 2, time: Float64Array.of(2, 3), value: Float64Array.of(NaN, 9) });
    expect(readParquet(file, { lastRows: 4 }).column('value')).toEqual(columns[1][1]);
  });

  it('may have any name', () => {
    const strange = join(folder, '[1] *?~');
    mkdirSync(strange);
    for (const name of ['ü b%20.parquet', 'x.pq', 'X.PARQUET', 'no extension']) {
      copyFileSync(join(pandas, 'seconds_int64.parquet'), join(strange, name));
      expect(readParquet(join(strange, name)).column('close')[0], name).toBe(100.5);
    }
  });

  it('gives columns after a turn of the event loop, too', async () => {
    expect((await readParquet(join(pandas, 'int96.parquet')).columnAsync('open'))[11]).toBe(111);
  });
});

describe('a Parquet file of pandas', () => {
  const minutes = Float64Array.from({ length: 12 }, (_, row) => monday + row * 60_000);

  it.each([
    ['naive_ns_index.parquet', '__index_level_0__'],
    ['new_york_us_date_index.parquet', 'date'],
    ['int96.parquet', 'timestamp'],
  ])('%s: its times are ms since the epoch, UTC', (file, column) => {
    const table = readParquet(join(pandas, file));
    expect(table.isTime(column)).toBe(true);
    expect(table.column(column)).toEqual(minutes);
  });

  it('has numbers of every width as float64, and NaN for null', () => {
    const table = readParquet(join(pandas, 'types.parquet'));
    expect(table.rows).toBe(12);
    const firstTwo = (name: string): number[] => [...table.column(name).slice(0, 2)];
    expect(firstTwo('int8')).toEqual([0, 1]);
    expect(firstTwo('uint64')).toEqual([0, 1]);
    expect(firstTwo('float32')).toEqual([0, 0.25]);
    expect(firstTwo('bool')).toEqual([1, 0]);
    expect(firstTwo('nullable_bool')).toEqual([1, NaN]);
    expect(firstTwo('nullable_int')).toEqual([1, NaN]);
    expect(firstTwo('float_with_null')).toEqual([1.5, NaN]);
    expect(firstTwo('decimal')).toEqual([1.25, 1.25]);
    expect(firstTwo('date')).toEqual([monday, monday]);
    expect(firstTwo('all_null')).toEqual([NaN, NaN]);
  });

  it('has texts as texts', () => {
    const table = readParquet(join(pandas, 'types.parquet'));
    expect(table.isText('text')).toBe(true);
    expect(table.texts('text').slice(0, 2)).toEqual(['a', null]);
    expect(table.texts('category').slice(0, 2)).toEqual(['up', 'down']);
    expect(refusal(() => table.column('text')).code).toBe('column-not-numeric');
    expect(refusal(() => table.texts('int8')).code).toBe('column-not-text');
  });

  it.each(['float16', 'list', 'struct', 'bytes', 'time_of_day'])('refuses a column of %s', (name) => {
    const error = refusal(() => readParquet(join(pandas, 'types.parquet')).column(name));
    expect(error.code).toBe('column-not-numeric');
    expect(error.place?.column).toBe(name);
  });

  it('may be empty', () => {
    const table = readParquet(join(pandas, 'no_rows.parquet'));
    expect([table.rows, table.column('close').length]).toEqual([0, 0]);
  });

  it('names the columns it has when one is missing', () => {
    const error = refusal(() => readParquet(join(pandas, 'int96.parquet'), { columns: ['close', 'rsi'] }));
    expect(error.code).toBe('column-missing');
    expect(error.message).toContain('rsi');
    expect(error.hint).toContain('timestamp, open, high, low, close, volume');
  });
});

describe('a file that is not Parquet', () => {
  it.each([
    ['is missing', undefined, 'file-missing'],
    ['is empty', Buffer.alloc(0), 'parquet-unreadable'],
    ['is text', Buffer.from('timestamp,open,high,low,close,volume\n'), 'parquet-unreadable'],
    ['is encrypted', Buffer.from('PARE............PARE'), 'parquet-unreadable'],
  ])('that %s is refused', (name, bytes, code) => {
    const file = join(folder, `${name}.parquet`);
    if (bytes !== undefined) writeFileSync(file, bytes);
    const error = refusal(() => readParquet(file));
    expect(error.code).toBe(code);
    expect(error.place?.file).toBe(file);
  });

  it('that is a folder is refused', () => {
    expect(refusal(() => readParquet(folder)).code).toBe('file-missing');
  });
});

describe('a damaged Parquet file', () => {
  const file = join(folder, 'damaged.parquet');
  const readAll = (bytes: Uint8Array): void => {
    writeFileSync(file, bytes);
    const table = readParquet(file);
    for (const name of table.names) if (!table.isText(name)) table.column(name);
  };

  it('is refused wherever it is cut off', () => {
    const whole = readFileSync(join(pandas, 'seconds_int64.parquet'));
    for (let length = 0; length < whole.length; length += 13) {
      expect(refusal(() => readAll(whole.subarray(0, length))).code).toBe('parquet-unreadable');
    }
  });

  it.each<[string, Claims, string]>([
    ['more rows than its row groups', { rows: 4 }, '4 rows, its row groups 3'],
    ['row groups that disagree with their columns', { rows: 4, groupRows: 4 }, '3 values in a row group of 4'],
    ['values its pages do not hold', { rows: 4, groupRows: 4, chunkValues: 4 }, 'hold 3 values of 4'],
    ['a million million rows', { rows: 1e12, groupRows: 1e12, chunkValues: 1e12, pageValues: 1e12 }, 'at most'],
    ['a negative number of rows', { rows: -3 }, 'row count is missing or wrong'],
    ['a page of 2 GB', { pageBytes: 2 ** 31 - 1 }, 'claims 2147483647 bytes'],
    ['a page beyond its column', { compressedPageBytes: 25 }, 'ends outside its column'],
    ['a column beyond the file', { chunkBytes: 1000 }, 'lies outside the file'],
    ['a column before the file', { pageOffset: 0 }, 'lies outside the file'],
    ['a footer larger than the file', { footerBytes: 2 ** 31 }, 'footer claims'],
    ['two columns of one name', { columnNames: ['close', 'close'] }, 'the same name'],
  ])('that claims %s is refused before anything is allocated', (_, claims, reason) => {
    const error = refusal(() => readAll(parquetSkeleton(claims)));
    expect(error.code).toBe('parquet-unreadable');
    expect(error.message).toContain(reason);
  });

  it('is refused for its claims only: the same file with honest ones passes the check', () => {
    writeFileSync(file, parquetSkeleton());
    expect(readParquet(file).rows).toBe(3);
  });

  it.each(readdirSync(pandas).filter((name) => name.endsWith('.parquet')))('%s with flipped bits is read or refused, never more', (name) => {
    const whole = readFileSync(join(pandas, name));
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 3 }), (bits) => {
        const bytes = Buffer.from(whole);
        for (const bit of bits) bytes[bit >> 3] ^= 1 << (bit & 7);
        try {
          readAll(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 40 },
    );
  });
});
