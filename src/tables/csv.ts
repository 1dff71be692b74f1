import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CsvError, parse } from 'csv-parse/sync';
import { InputError } from '../errors.js';

/** Takes each row that is not blank: its cells, trimmed, and its 1-based line (the last one, where a cell spans several). */
export type OnCsvRow = (cells: readonly string[], line: number) => void;

/** Far above any two years of minutes (80 MB), below what one buffer can hold. */
const mostBytes = 2 ** 30;

const chunkBytes = 2 ** 20;

/**
 * Reads a CSV file, plain or gzip: UTF-8 with or without byte order mark, any line ending, quotes, and `,` `;` tab or
 * `|` between cells (whichever the first line has most of). The first row goes to `onRow` like every other.
 * @throws InputError `file-missing`, `csv-unreadable`, and what `onRow` throws.
 */
export function readCsv(file: string, onRow: OnCsvRow): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot open ${file}: ${reason}`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  }
  parseCsv(bytes, file, onRow);
}

/** `readCsv` of bytes already in memory; `file` is their name in messages. */
export function parseCsv(bytes: Uint8Array, file: string, onRow: OnCsvRow): void {
  const text = textBytes(bytes, file);
  const delimiter = delimiterOf(text);
  // Without a quote every separator separates, and splitting is four times faster than the parser.
  if (text.includes(0x22)) parseQuoted(text, file, delimiter, onRow);
  else splitPlain(text, delimiter, onRow);
}

function textBytes(bytes: Uint8Array, file: string): Buffer {
  const refuse = (reason: string, hint: string, cause?: unknown): InputError =>
    new InputError(`${file} is not a readable CSV file: ${reason}`, { code: 'csv-unreadable', place: { file }, hint, cause });
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text[0] === 0x1f && text[1] === 0x8b) {
    try {
      text = gunzipSync(text, { maxOutputLength: mostBytes });
    } catch (cause) {
      throw refuse(`gzip: ${cause instanceof Error ? cause.message : String(cause)}`, 'fetch or write the file again', cause);
    }
  }
  if (text.length > mostBytes) throw refuse(`it has ${text.length} bytes, at most ${mostBytes} are read`, 'split it into parts, by month or year');
  if (text.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) throw refuse('it is a zip archive', 'unpack it first');
  if (text.subarray(0, 4096).includes(0)) throw refuse('it holds zero bytes', 'save it as CSV text in UTF-8');
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

function delimiterOf(text: Buffer): string {
  const firstLine = /^\s*([^\r\n]*)/.exec(text.toString('utf8', 0, 4096))?.[1] ?? '';
  const unquoted = firstLine.replace(/"[^"]*"/g, '');
  const times = (delimiter: string): number => unquoted.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, next) => (times(next) > times(best) ? next : best));
}

function splitPlain(text: Buffer, delimiter: string, onRow: OnCsvRow): void {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf(0x0a, start + chunkBytes) + 1;
    if (end === 0) end = text.length;
    const chunk = text.toString('utf8', start, end);
    const lines = chunk.includes('\r') ? chunk.split(/\r\n|\n|\r/) : chunk.split('\n');
    // What follows the last line ending belongs to no line, save at the end of the file, where it may.
    if (lines.at(-1) === '') lines.pop();
    for (const content of lines) {
      line++;
      if (content.trim() !== '') onRow(trimmed(content.split(delimiter)), line);
    }
    start = end;
  }
}

function parseQuoted(text: Buffer, file: string, delimiter: string, onRow: OnCsvRow): void {
  let lastGood = 0;
  try {
    parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: chunkBytes,
      on_record: (cells: string[], { lines }: { lines: number }) => {
        lastGood = lines;
        if (cells.length > 1 || cells[0]?.trim() !== '') onRow(trimmed(cells), lines);
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // An open quote is noticed at the end of the file; it stands in the row after the last that was read.
    const open = cause.code === 'CSV_QUOTE_NOT_CLOSED' || cause.code === 'CSV_MAX_RECORD_SIZE';
    const line = open || typeof cause.lines !== 'number' ? lastGood + 1 : cause.lines;
    throw new InputError(`${file} is not a readable CSV file: ${open ? 'a quote opens here and is not closed' : cause.message}`, {
      code: 'csv-unreadable',
      place: { file, line },
      hint: 'quotes must enclose a whole cell, and a quote inside is written twice',
      cause,
    });
  }
}

function trimmed(cells: string[]): string[] {
  for (let index = 0; index < cells.length; index++) cells[index] = cells[index].trim();
  return cells;
}
