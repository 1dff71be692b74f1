import type { CandleTable } from '../candle-table.js';
import { readCsvCandles } from '../read-csv.js';
import { readParquetCandles } from '../read-parquet.js';
import { readZipCandles } from './binance-zip.js';
import { readFeatherCandles } from './read-feather.js';

/** Candles of an exported file, by the ending of its name; anything unknown is read as CSV. @throws InputError as the reader does */
export function readExport(file: string, symbol: string): CandleTable {
  if (/\.(parquet|pq)$/i.test(file)) return readParquetCandles(file, symbol);
  if (/\.zip$/i.test(file)) return readZipCandles(file, symbol);
  if (/\.(feather|arrow)$/i.test(file)) return readFeatherCandles(file, symbol);
  return readCsvCandles(file, symbol);
}
