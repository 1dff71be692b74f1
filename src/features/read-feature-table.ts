import { join } from 'node:path';
import type { Candles } from '../candles/candles.js';
import { checkCandles } from '../candles/check-candles.js';
import { layoutOfNames } from '../candles/candle-columns.js';
import { joinCandles } from '../candles/join-candles.js';
import { readParquetCandles } from '../candles/read-parquet.js';
import { canonicalSymbol, symbolOfFile } from '../candles/symbols.js';
import { InputError } from '../errors.js';
import { readParquet } from '../tables/parquet.js';
import { checkFeatureNames, nearestFeatureSet } from './feature-names.js';
import { readFeatureMonths } from './feature-months.js';
import { readFeatureRecord } from './feature-record.js';
import type { FeatureRecordSummary } from './feature-record.js';
import type { Alignment } from './feature-set.js';
import { featureSet } from './feature-sets.js';
import type { FeatureTable } from './feature-table.js';
import { matchAlignment } from './match-alignment.js';
import type { NamedColumns } from './named-columns.js';

export interface ReadFeaturesOptions {
  /** `v1-31` or `v2-50`: what the file must hold. Default: what stands beside it, else what its columns say. */
  readonly featureSet?: string | undefined;
  /** What the features must be. Default: what stands beside the file, else what they turn out to be. */
  readonly alignment?: Alignment | undefined;
  /** Default: what stands beside the file, else what its name says. */
  readonly symbol?: string | undefined;
}

/**
 * Reads a feature file, ours or the original's (`features_BTC-USD_1m_2025-11-13_50feat.parquet`), or the folder of a
 * symbol's monthly parts (`v2-50/BTC-USD/1m`). Columns are taken by
 * name, in the order of the set that is found, never by position. What the features are is not believed but checked:
 * see `matchAlignment`.
 *
 * @throws InputError `feature-columns` (a column is missing, renamed or too many), `feature-not-finite` (no complete
 * row, or a gap after the first), `feature-set-mismatch` (the file says another), `alignment-mismatch`,
 * `alignment-unknown`, `features-too-short`, `feature-part-damaged`; `candles-invalid` where its candles cannot be; all of `readParquet`.
 */
export async function readFeatureTable(file: string, options: ReadFeaturesOptions = {}): Promise<FeatureTable> {
  const parts = partsOf(file);
  const parquet = readParquet(parts[0].file);
  const record = readFeatureRecord(file);
  const layout = layoutOfNames(parquet.names, { file });
  const candleColumns = new Set(Object.values<number>({ ...layout }).map((position) => parquet.names[position]));
  const names = parquet.names.filter((name) => !candleColumns.has(name));
  const name = options.featureSet ?? record?.set.name ?? nearestFeatureSet(names);
  checkAgainstRecord(record, name, options.alignment, file);
  checkFeatureNames(names, name, file);

  const symbol = symbolOf(file, options.symbol ?? record?.symbol);
  const { candles, columns } = await readParts(parts, symbol, name);
  const from = firstCompleteRow(columns, file);
  const found = matchAlignment(columns, candles, name, { alignment: options.alignment ?? record?.set.alignment, from, file });
  return { featureSet: found, candles, columns: found.columns.map((column) => columns[column]) };
}

interface Part {
  readonly file: string;
  /** What a manifest says of it. */
  readonly rows?: number;
}

/** The file itself, or the monthly parts of a folder that its manifest lists. */
function partsOf(path: string): readonly Part[] {
  const months = readFeatureMonths(path)?.months;
  if (months === undefined) return [{ file: path }];
  const parts = Object.entries(months).map(([month, { rows }]) => ({ file: join(path, `${month}.parquet`), rows }));
  if (parts.length > 0) return parts;
  throw new InputError(`${path} holds no month of features yet`, { code: 'no-data-files', place: { file: path }, hint: 'compute the features again from the candles (npx crpbot features)' });
}

/** Candles and columns of the parts, which follow each other. Read column by column: see `columnAsync`. */
async function readParts(parts: readonly Part[], symbol: string, set: string): Promise<{ candles: Candles; columns: Record<string, Float64Array> }> {
  const tables = parts.map(({ file }) => readParquetCandles(file, symbol));
  const candles = tables.length === 1 ? tables[0].candles : joinCandles(tables.map((table) => table.candles));
  const starts = startsOf(tables.map((table) => table.candles.time.length));
  checkCandles(candles, (row) => {
    const part = starts.findLastIndex((start) => start <= row);
    return tables[part].placeOf(row - starts[part]);
  });
  parts.forEach(({ file, rows }, part) => {
    const held = tables[part].candles.time.length;
    if (rows !== undefined && rows !== held) throw otherRows(file, rows, held);
  });
  const columns: Record<string, Float64Array> = {};
  const files = parts.map(({ file }) => readParquet(file));
  for (const column of featureSet(set).columns) {
    if (files.length === 1) columns[column] = await files[0].columnAsync(column);
    else {
      const values = new Float64Array(candles.time.length);
      for (const [part, file] of files.entries()) values.set(await file.columnAsync(column), starts[part]);
      columns[column] = values;
    }
  }
  return { candles, columns };
}

/** The row at which each part begins. */
function startsOf(lengths: readonly number[]): readonly number[] {
  let start = 0;
  return lengths.map((length) => (start += length) - length);
}

function otherRows(file: string, said: number, held: number): InputError {
  return new InputError(`${file} holds ${held} rows where the manifest beside it says ${said}`, {
    code: 'feature-part-damaged',
    place: { file },
    hint: 'remove this part and compute the features again (npx crpbot features): only what is missing is computed',
  });
}

function checkAgainstRecord(record: FeatureRecordSummary | undefined, name: string, alignment: Alignment | undefined, file: string): void {
  if (record === undefined) return;
  const held = record.set;
  if (held.name === name && (alignment === undefined || held.alignment === alignment)) return;
  throw new InputError(`${file} holds ${held.name} ${held.alignment}, not ${name} ${alignment ?? held.alignment}, says the record beside it`, {
    code: 'feature-set-mismatch',
    place: { file },
    hint: `compute what is wanted from candles: npx crpbot features; models that were trained on these are read by npx crpbot evaluate --feature-set ${held.name} --alignment ${held.alignment}`,
  });
}

function symbolOf(file: string, given: string | undefined): string {
  const symbol = given ?? symbolOfFile(file);
  if (symbol !== undefined) return canonicalSymbol(symbol);
  throw new InputError(`${file} does not say its symbol`, {
    code: 'symbol-unknown',
    place: { file },
    hint: 'name it like features_BTC-USD_1m_2025-11-13_50feat.parquet',
  });
}

/** The first row in which every column has a value; after it none may be without. */
function firstCompleteRow(columns: NamedColumns, file: string): number {
  let complete = 0;
  let lastToStart = '';
  for (const [column, values] of Object.entries(columns)) {
    let row = 0;
    while (row < values.length && Number.isNaN(values[row])) row++;
    if (row > complete) [complete, lastToStart] = [row, column];
  }
  for (const [column, values] of Object.entries(columns)) {
    if (complete === values.length) throw notFinite(file, lastToStart, 0, `${lastToStart} has no value in any row`);
    const row = values.findIndex((value, at) => (at >= complete ? !Number.isFinite(value) : Math.abs(value) === Infinity));
    if (row >= 0) throw notFinite(file, column, row, `${column} is ${values[row]} in row ${row}, after the first complete row (${complete})`);
  }
  return complete;
}

function notFinite(file: string, column: string, row: number, problem: string): InputError {
  return new InputError(`${file}: ${problem}`, {
    code: 'feature-not-finite',
    place: { file, row, column },
    hint: 'only rows at the head may lack values; compute the features again from the candles (npx crpbot features)',
  });
}
