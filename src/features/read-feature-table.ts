import { checkCandles } from '../candles/check-candles.js';
import { layoutOfNames } from '../candles/candle-columns.js';
import { readParquetCandles } from '../candles/read-parquet.js';
import { canonicalSymbol, symbolOfFile } from '../candles/symbols.js';
import { InputError } from '../errors.js';
import { readParquet } from '../tables/parquet.js';
import { checkFeatureNames, nearestFeatureSet } from './feature-names.js';
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
 * Reads a feature file, ours or the original's (`features_BTC-USD_1m_2025-11-13_50feat.parquet`). Columns are taken by
 * name, in the order of the set that is found, never by position. What the features are is not believed but checked:
 * see `matchAlignment`.
 *
 * @throws InputError `feature-columns` (a column is missing, renamed or too many), `feature-not-finite` (no complete
 * row, or a gap after the first), `feature-set-mismatch` (the file says another), `alignment-mismatch`,
 * `alignment-unknown`, `features-too-short`; `candles-invalid` where its candles cannot be; all of `readParquet`.
 */
export async function readFeatureTable(file: string, options: ReadFeaturesOptions = {}): Promise<FeatureTable> {
  const parquet = readParquet(file);
  const record = readFeatureRecord(file);
  const layout = layoutOfNames(parquet.names, { file });
  const candleColumns = new Set(Object.values<number>({ ...layout }).map((position) => parquet.names[position]));
  const names = parquet.names.filter((name) => !candleColumns.has(name));
  const name = options.featureSet ?? record?.set.name ?? nearestFeatureSet(names);
  checkAgainstRecord(record, name, options.alignment, file);
  checkFeatureNames(names, name, file);

  const { candles, placeOf } = readParquetCandles(file, symbolOf(file, options.symbol ?? record?.symbol));
  checkCandles(candles, placeOf);
  const columns: Record<string, Float64Array> = {};
  for (const column of featureSet(name).columns) columns[column] = await parquet.columnAsync(column);
  const from = firstCompleteRow(columns, file);
  const found = matchAlignment(columns, candles, name, { alignment: options.alignment ?? record?.set.alignment, from, file });
  return { featureSet: found, candles, columns: found.columns.map((column) => columns[column]) };
}

function checkAgainstRecord(record: FeatureRecordSummary | undefined, name: string, alignment: Alignment | undefined, file: string): void {
  if (record === undefined) return;
  const held = record.set;
  if (held.name === name && (alignment === undefined || held.alignment === alignment)) return;
  throw new InputError(`${file} holds ${held.name} ${held.alignment}, not ${name} ${alignment ?? held.alignment}, says the record beside it`, {
    code: 'feature-set-mismatch',
    place: { file },
    hint: `ask for --feature-set ${held.name} --alignment ${held.alignment}, or compute what is wanted from candles (crpbot features)`,
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
    hint: 'only rows at the head may lack values; compute the features again from the candles (crpbot features)',
  });
}
