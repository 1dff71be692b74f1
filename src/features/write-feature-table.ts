import { writeTextAtomically } from '../atomic-file.js';
import { CANDLE_COLUMNS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import { projectVersion } from '../project-root.js';
import { writeParquet } from '../tables/parquet.js';
import { recordFile } from './feature-record.js';
import type { FeatureRecord, SourceFile } from './feature-record.js';
import type { FeatureSet } from './feature-set.js';
import type { FeatureTable } from './feature-table.js';
import type { NamedColumn } from './named-columns.js';

/**
 * Writes features as Parquet: `timestamp` (ms, UTC), open, high, low, close, volume, then the feature columns in the
 * set's order; and `<name>.json` beside it, which says what they are. Each file is written whole or not at all.
 * @throws InputError `cannot-write`.
 */
export function writeFeatureTable(file: string, table: FeatureTable, sources: readonly SourceFile[] = []): void {
  const { featureSet, candles, columns } = table;
  writeFeatureColumns(file, featureSet, candles, featureSet.columns.map((name, f) => [name, columns[f]] as const), sources);
}

/** The same from columns that are computed as they are asked for, so that they never stand in memory together. */
export function writeFeatureColumns(
  file: string,
  featureSet: FeatureSet,
  candles: Candles,
  columns: Iterable<NamedColumn>,
  sources: readonly SourceFile[],
): void {
  writeParquet(file, withCandles(candles, columns), { timeColumn: 'timestamp' });
  const { name, alignment, leaky, warmupRows } = featureSet;
  const { symbol, time } = candles;
  const isoTime = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());
  const record: FeatureRecord = {
    featureSet: name,
    alignment,
    leaky,
    symbol,
    columns: featureSet.columns,
    rows: time.length,
    warmupRows,
    from: isoTime(time[0]),
    to: isoTime(time[time.length - 1]),
    sources,
    crpbotVersion: projectVersion(),
  };
  writeTextAtomically(recordFile(file), `${JSON.stringify(record, null, 2)}\n`);
}

function* withCandles(candles: Candles, columns: Iterable<NamedColumn>): Generator<NamedColumn> {
  yield ['timestamp', candles.time];
  for (const name of CANDLE_COLUMNS) yield [name, candles[name]];
  yield* columns;
}
