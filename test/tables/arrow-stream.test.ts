import fc from 'fast-check';
import pl from 'nodejs-polars';
import { describe, expect, it } from 'vitest';
import { arrowStreamHead } from '../../src/tables/arrow-stream.js';
import { FlatTable } from '../../src/tables/flatbuffer.js';
import { flatBuffer } from '../../src/tables/flatbuffer-writer.js';
import { frameOfColumns } from '../../src/tables/frame-of-columns.js';

const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 80 });

describe('a FlatBuffer that is written', () => {
  it('is read back field by field, however many texts, tables and structs', () => {
    fc.assert(
      fc.property(names, fc.array(fc.tuple(fc.maxSafeInteger(), fc.maxSafeInteger())), fc.integer({ min: -32768, max: 32767 }), (texts, pairs, number) => {
        const bytes = flatBuffer([{ int16: number }, undefined, { tables: texts.map((text) => [{ text }, { uint8: 200 }]) }, { structs: pairs }, { table: [{ int64: 2 ** 40 }] }]);
        const table = FlatTable.root(bytes);
        expect(bytes.length % 8).toBe(0);
        expect(table.int16(0)).toBe(number);
        expect(table.int16(1, 7)).toBe(7);
        expect(table.tables(2).map((each) => [each.text(0), each.uint8(1)])).toEqual(texts.map((text) => [text, 200]));
        expect(table.structs(3, 16, [0, 8])).toEqual(pairs);
        expect(table.table(4)?.int64(0)).toBe(2 ** 40);
      }),
      { numRuns: 50 },
    );
  });
});

describe('an Arrow stream', () => {
  it('is what polars reads: names and values', () => {
    const bytes = Buffer.concat([arrowStreamHead(['a', 'ü b'], 3), Buffer.from(Float64Array.of(1, NaN, -0, 4, 5, Infinity).buffer)]);
    const frame = pl.readIPCStream(bytes);
    expect(frame.columns).toEqual(['a', 'ü b']);
    expect(frame.getColumn('a').toTypedArray()).toEqual(Float64Array.of(1, NaN, -0));
    expect(frame.getColumn('ü b').toTypedArray()).toEqual(Float64Array.of(4, 5, Infinity));
  });
});

describe('a frame of columns', () => {
  it('keeps its values when the next one is made', () => {
    const first = frameOfColumns([['x', Float64Array.of(1, 2, 3)]]);
    frameOfColumns([['x', Float64Array.of(7, 8, 9)]]);
    expect(first.getColumn('x').toTypedArray()).toEqual(Float64Array.of(1, 2, 3));
  });

  it.each([
    ['more columns than 32 MB hold', 1_500_000, 5],
    ['a column of more than 32 MB', 4_200_000, 2],
    ['more names than there is room for', 2, 700],
  ])('may have %s', (_, rows, count) => {
    const values = (column: number): Float64Array => new Float64Array(rows).map((__, row) => row + column / 1000);
    const frame = frameOfColumns(Array.from({ length: count }, (__, column) => [`column ${column}`, () => values(column)] as const));
    expect(frame.width).toBe(count);
    for (const column of [0, 1, count - 1]) expect(Buffer.from((frame.getColumn(`column ${column}`).toTypedArray() as Float64Array).buffer).equals(Buffer.from(values(column).buffer))).toBe(true);
  });
});
