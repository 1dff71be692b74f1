import { join } from 'node:path';
import type { Candles } from '../../src/candles/candles.js';
import type { FeatureSet } from '../../src/features/feature-set.js';
import { readParquet } from '../../src/tables/parquet.js';
import { fixtures } from './requirements.js';

/** `walk`: a random walk; `edge`: gaps, flat prices, zero volume, an odd start. */
export type GoldenName = 'walk' | 'edge';

export function goldenCandles(name: GoldenName): Candles {
  const table = readParquet(join(fixtures, 'golden', `${name}_input.parquet`));
  const column = (of: string): Float64Array => table.column(of);
  return { symbol: 'GOLD-EN', time: column('timestamp'), open: column('open'), high: column('high'), low: column('low'), close: column('close'), volume: column('volume') };
}

/** The columns that pandas 3 and `ta` 0.11 gave for those candles, in the file's order. */
export function goldenFeatures(name: GoldenName, set: FeatureSet): ReadonlyMap<string, Float64Array> {
  const kind = set.name === 'v1-31' ? (set.alignment === 'causal' ? 'f31_nofill' : 'f31_legacy') : `f50_${set.alignment.replace('-', '_')}`;
  const table = readParquet(join(fixtures, 'golden', `${name}_${kind}.parquet`));
  return new Map(table.names.map((column) => [column, table.column(column)]));
}
