import { readFeather } from '../../tables/feather.js';
import type { FeatherTable } from '../../tables/feather.js';
import { layoutOfNames } from '../candle-columns.js';
import type { CandleTable } from '../candle-table.js';
import { countsToMs, isoTimeToMs } from '../time-column.js';

/**
 * Candles of a Feather file, as freqtrade keeps them (date, open, high, low, close, volume) or pandas writes them.
 * @throws InputError `file-missing`, `feather-unreadable`, `column-not-numeric`, `candle-columns-missing`,
 * `candle-columns-ambiguous`, `candle-time-unreadable`, `candle-time-unit-mixed`; with the row
 */
export function readFeatherCandles(file: string, symbol: string): CandleTable {
  const table = readFeather(file);
  const names = table.columns.map(({ name }) => name);
  const layout = layoutOfNames(names, { file }, symbol);
  const values = (position: number): Float64Array => table.column(names[position]);
  const candles = {
    symbol,
    time: times(table, layout.time),
    open: values(layout.open),
    high: values(layout.high),
    low: values(layout.low),
    close: values(layout.close),
    volume: values(layout.volume),
  };
  return { file, candles, placeOf: (row) => ({ file, row }) };
}

function times(table: FeatherTable, position: number): Float64Array {
  const { file } = table;
  const { name, kind } = table.columns[position];
  if (kind === 'text') return Float64Array.from(table.texts(name), (text, row) => (text === null ? NaN : isoTimeToMs(text.trim(), { file, row, column: name })));
  const values = table.column(name);
  if (kind === 'number') countsToMs(values, (row) => ({ file, row }));
  return values;
}
