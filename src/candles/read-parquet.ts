import { readParquet } from '../tables/parquet.js';
import type { ParquetTable, ReadParquetOptions } from '../tables/parquet.js';
import { layoutOfNames } from './candle-columns.js';
import type { CandleTable } from './candle-table.js';
import { countsToMs, isoTimeToMs } from './time-column.js';

/**
 * Candles of a Parquet file, whatever else it holds; with `lastRows` the last so many of them.
 * @throws InputError `file-missing`, `parquet-unreadable`, `column-not-numeric`, `candle-columns-missing`,
 * `candle-columns-ambiguous`, `candle-time-unreadable`, `candle-time-unit-mixed`; with the row.
 */
export function readParquetCandles(file: string, symbol: string, options: Pick<ReadParquetOptions, 'lastRows'> = {}): CandleTable {
  const table = readParquet(file, options);
  const layout = layoutOfNames(table.names, { file }, symbol);
  const values = (position: number): Float64Array => table.column(table.names[position]);
  const candles = {
    symbol,
    time: times(table, table.names[layout.time]),
    open: values(layout.open),
    high: values(layout.high),
    low: values(layout.low),
    close: values(layout.close),
    volume: values(layout.volume),
  };
  return { file, candles, placeOf: (row) => ({ file, row }) };
}

/**
 * A time column of a Parquet file as ms since the epoch, UTC: datetimes, numbers in s, ms, us or ns, or ISO texts.
 * @throws InputError `column-missing`, `column-not-numeric`, `candle-time-unreadable`, `candle-time-unit-mixed`.
 */
export function times(table: ParquetTable, column: string): Float64Array {
  const { file } = table;
  if (table.isText(column)) {
    const texts = table.texts(column);
    return Float64Array.from(texts, (text, row) => (text === null ? NaN : isoTimeToMs(text.trim(), { file, row, column })));
  }
  const values = table.column(column);
  if (!table.isTime(column)) countsToMs(values, (row) => ({ file, row }));
  return values;
}
