import type { Candles } from '../candles/candles.js';
import { findGaps } from '../candles/gaps.js';
import { readCandles } from '../candles/read-candles.js';
import { InputError } from '../errors.js';
import { featureColumns } from '../features/compute-features.js';
import type { FeatureSet } from '../features/feature-set.js';
import { readFeatureTable } from '../features/read-feature-table.js';
import { hashFile } from '../tables/hash-file.js';
import type { SymbolPlan } from './evaluation-plan.js';

/** One symbol's data, ready to give the columns a model asks for. */
export interface SymbolData {
  readonly candles: Candles;
  readonly files: readonly { readonly file: string; readonly sha256: string }[];
  /** Gaps and what was put right while reading: sentences. */
  readonly notes: readonly string[];
  /** Columns of a set in its order: of the ready-made file, or computed from the candles as they are asked for. */
  columns(set: FeatureSet): Iterable<readonly [name: string, values: Float64Array]>;
}

/**
 * Reads what stands for a symbol: ready-made features when there are any (checked against their own candles for the
 * alignment asked for), else candles.
 * @throws InputError what the readers throw, and `several-feature-files`
 */
export async function readSymbolData(plan: SymbolPlan, set: FeatureSet): Promise<SymbolData> {
  const notes: string[] = [];
  const file = plan.features.length === 0 ? undefined : oneFeatureFile(plan, set);
  const table = file === undefined ? undefined : await readFeatureTable(file, { featureSet: set.name, alignment: set.alignment, symbol: plan.symbol });
  const candles = table?.candles ?? readCandles(plan.candles, { symbol: plan.symbol, onNote: (note) => notes.push(note) });
  const gaps = findGaps(candles);
  if (gaps.count > 0) {
    notes.push(`${plan.symbol}: ${gaps.missingMinutes} minutes are missing in ${gaps.count} gaps, the longest ${gaps.longestMinutes} minutes; nothing is filled`);
  }
  return {
    candles,
    files: (file === undefined ? plan.candles : [file]).map((path) => ({ file: path, sha256: hashFile(path) })),
    notes,
    *columns(wanted) {
      if (table !== undefined && wanted.name === table.featureSet.name && wanted.alignment === table.featureSet.alignment) {
        for (let index = 0; index < wanted.columns.length; index++) yield [wanted.columns[index], table.columns[index]] as const;
      } else yield* featureColumns(candles, wanted);
    },
  };
}

/** Of several files the one whose name says the set's number of columns (`…_50feat.parquet`). */
function oneFeatureFile({ symbol, features }: SymbolPlan, set: FeatureSet): string {
  if (features.length === 1) return features[0];
  const fitting = features.filter((file) => file.includes(`_${set.columns.length}feat`));
  if (fitting.length === 1) return fitting[0];
  throw new InputError(`${features.length} feature files of ${symbol}: ${features.join(', ')}`, {
    code: 'several-feature-files',
    place: { file: features[0] },
    hint: `name one with --features FILE (${set.name} has ${set.columns.length} columns)`,
  });
}
