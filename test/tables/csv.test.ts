import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { parseCsv, readCsv } from '../../src/tables/csv.js';
import { scratchFolder } from './scratch-folder.js';

const folder = scratchFolder();

type Row = [line: number, ...cells: string[]];

function rowsOf(text: string | Uint8Array): Row[] {
  const rows: Row[] = [];
  parseCsv(Buffer.from(text), 'x.csv', (cells, line) => rows.push([line, ...cells]));
  return rows;
}

describe('CSV', () => {
  const expected: Row[] = [[1, 'time', 'close'], [2, '1', '2.5'], [3, '3', '4']];

  it.each([
    ['commas', 'time,close\n1,2.5\n3,4\n'],
    ['no last line ending', 'time,close\n1,2.5\n3,4'],
    ['CRLF', 'time,close\r\n1,2.5\r\n3,4\r\n'],
    ['CR', 'time,close\r1,2.5\r3,4\r'],
    ['mixed line endings', 'time,close\n1,2.5\r\n3,4\n'],
    ['a byte order mark', '\ufefftime,close\n1,2.5\n3,4\n'],
    ['semicolons', 'time;close\n1;2.5\n3;4\n'],
    ['tabs', 'time\tclose\n1\t2.5\n3\t4\n'],
    ['quotes', '"time","close"\n"1","2.5"\n3,4\n'],
    ['quotes, CRLF and a byte order mark', '\ufeff"time","close"\r\n"1","2.5"\r\n3,4\r\n'],
    ['spaces around cells', 'time , close\n 1, 2.5\n3 ,4 \n'],
  ])('with %s reads the same', (_, text) => {
    expect(rowsOf(text)).toEqual(expected);
    expect(rowsOf(gzipSync(text))).toEqual(expected);
  });

  it('counts blank lines without giving them', () => {
    expect(rowsOf('a,b\n\n1,2\n  \n3,4\n\n')).toEqual([[1, 'a', 'b'], [3, '1', '2'], [5, '3', '4']]);
    expect(rowsOf('"a",b\n\n1,2\n  \n3,4\n\n')).toEqual([[1, 'a', 'b'], [3, '1', '2'], [5, '3', '4']]);
  });

  it('keeps separators, quotes and line endings inside quotes', () => {
    expect(rowsOf('"a,""x""",b\n"1\n2",3\n')).toEqual([[1, 'a,"x"', 'b'], [3, '1\n2', '3']]);
  });

  it('an open quote is named where it opens, not where the file ends', () => {
    expect(() => rowsOf('"a",b\n1,2\n"3,4\n5,6\n7,8\n')).toThrow(expect.objectContaining({ code: 'csv-unreadable', place: { file: 'x.csv', line: 3 } }));
  });

  it('counts lines rightly over several chunks, with and without quotes', () => {
    const lines = Array.from({ length: 200_000 }, (_, line) => `${line + 1},123456.789`);
    for (const text of [lines.join('\n'), lines.join('\r\n'), `"1",123456.789\n${lines.slice(1).join('\n')}`]) {
      let seen = 0;
      parseCsv(Buffer.from(text), 'x.csv', ([first], line) => {
        seen++;
        if (Number(first) !== line) throw new Error(`line ${line} says ${first}`);
      });
      expect(seen).toBe(lines.length);
    }
  });

  it('reads the same with and without quotes', () => {
    const cell = fc.stringMatching(/^[a-z0-9.]{1,6}$/);
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 20 }), fc.constantFrom('\n', '\r\n'), (rows, ending) => {
        const plain = rows.map((cells) => cells.join(',')).join(ending);
        const quoted = rows.map((cells) => cells.map((text) => `"${text}"`).join(',')).join(ending);
        expect(rowsOf(quoted)).toEqual(rowsOf(plain));
      }),
    );
  });

  it.each([
    ['a zip archive', Buffer.from('PK\u0003\u0004....'), 'zip archive'],
    ['UTF-16', Buffer.from('\ufefftime,close\n1,2\n', 'utf16le'), 'zero bytes'],
    ['a damaged gzip', gzipSync('time,close\n1,2\n').subarray(0, 20), 'gzip'],
    ['a quote inside a cell', Buffer.from('time,close\n1,2"x"\n'), 'Quote'],
    ['a quote never closed', Buffer.from('time,close\n1,"2\n3,4\n'), 'a quote opens here and is not closed'],
  ])('that is %s is refused', (_, bytes, reason) => {
    expect(() => rowsOf(bytes)).toThrow(InputError);
    expect(() => rowsOf(bytes)).toThrow(reason);
  });

  it('is read from a file, gzip or not, whatever its name', () => {
    const file = join(folder, 'plain.csv');
    writeFileSync(file, gzipSync('a,b\n1,2\n'));
    const rows: Row[] = [];
    readCsv(file, (cells, line) => rows.push([line, ...cells]));
    expect(rows).toEqual([[1, 'a', 'b'], [2, '1', '2']]);
    expect(() => readCsv(join(folder, 'none.csv'), () => undefined)).toThrow(expect.objectContaining({ code: 'file-missing' }));
  });
});
