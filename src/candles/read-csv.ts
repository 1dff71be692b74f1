import { InputError } from '../errors.js';
import type { Place } from '../errors.js';
import { parseCsv, readCsv } from '../tables/csv.js';
import type { OnCsvRow } from '../tables/csv.js';
import { layoutOfNames, layoutOfWidth } from './candle-columns.js';
import type { CandleLayout } from './candle-columns.js';
import type { CandleTable } from './candle-table.js';
import { GrowingColumn } from './growing-column.js';
import { countsToMs, isoTimeToMs, parseIsoTime, parseNumber } from './time-column.js';

/**
 * Candles of a CSV file, plain or gzip, with or without a header.
 * @throws InputError `file-missing`, `csv-unreadable`, `csv-bad-cell`, `csv-cell-count`, `candle-columns-missing`,
 * `candle-columns-ambiguous`, `candle-time-unreadable`, `candle-time-unit-mixed`; with the line.
 */
export function readCsvCandles(file: string, symbol: string): CandleTable {
  return collectCandles(file, symbol, (onRow) => readCsv(file, onRow));
}

/** The same, of bytes already in memory. */
export function parseCsvCandles(bytes: Uint8Array, file: string, symbol: string): CandleTable {
  return collectCandles(file, symbol, (onRow) => parseCsv(bytes, file, onRow));
}

function collectCandles(file: string, symbol: string, read: (onRow: OnCsvRow) => void): CandleTable {
  const [time, open, high, low, close, volume, lines] = Array.from({ length: 7 }, () => new GrowingColumn()) as SevenColumns;
  let layout: CandleLayout | undefined;
  let width = 0;
  let isText: boolean | undefined;

  const number = (cells: readonly string[], position: number, column: string, line: number): number => {
    const cell = cells[position];
    const value = parseNumber(cell);
    if (Number.isNaN(value)) throw badCell(cell, { file, line, column });
    return value;
  };
  const row: OnCsvRow = (cells, line) => {
    if (layout === undefined) {
      width = cells.length;
      const headless = Number.isFinite(parseNumber(cells[0])) || Number.isFinite(parseIsoTime(cells[0]));
      layout = headless ? layoutOfWidth(width, { file, line }) : layoutOfNames(cells, { file, line }, symbol);
      if (!headless) return;
    }
    if (cells.length !== width) {
      throw new InputError(`${cells.length} cells where the first line has ${width}`, {
        code: 'csv-cell-count',
        place: { file, line },
        hint: 'the line is cut off, or a cell holds a separator: quote it',
      });
    }
    const moment = cells[layout.time];
    isText ??= Number.isNaN(parseNumber(moment));
    time.push(isText ? isoTimeToMs(moment, { file, line, column: 'time' }) : number(cells, layout.time, 'time', line));
    open.push(number(cells, layout.open, 'open', line));
    high.push(number(cells, layout.high, 'high', line));
    low.push(number(cells, layout.low, 'low', line));
    close.push(number(cells, layout.close, 'close', line));
    volume.push(number(cells, layout.volume, 'volume', line));
    lines.push(line);
  };
  read(row);

  const lineOf = lines.values();
  const placeOf = (index: number): Place => (index < lineOf.length ? { file, line: lineOf[index] } : { file });
  const times = time.values();
  if (isText === false) countsToMs(times, placeOf);
  const candles = { symbol, time: times, open: open.values(), high: high.values(), low: low.values(), close: close.values(), volume: volume.values() };
  return { file, candles, placeOf };
}

type SevenColumns = [GrowingColumn, GrowingColumn, GrowingColumn, GrowingColumn, GrowingColumn, GrowingColumn, GrowingColumn];

function badCell(cell: string, place: Place): InputError {
  const [problem, hint] =
    cell === ''
      ? ['an empty cell', 'leave out minutes without data: a gap is allowed, an empty cell is not']
      : /^[+-]?\d[\d.,' ]*$/.test(cell)
        ? [`${JSON.stringify(cell)} is no plain number`, 'write a decimal point and no thousands separators']
        : [`${JSON.stringify(cell)} is no number`, 'write numbers only; leave out minutes without data'];
  return new InputError(problem, { code: 'csv-bad-cell', place, hint });
}
