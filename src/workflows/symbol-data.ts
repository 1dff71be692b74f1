import { dirname } from 'node:path';
import type { Candles } from '../candles/candles.js';
import { findGaps } from '../candles/gaps.js';
import { readCandles } from '../candles/read-candles.js';
import { isWorthSaying, repairNote, repairNotes, REPAIRS_NAME } from '../candles/repair/repair-record.js';
import { hashCandleFiles } from '../candles/store/hash-parts.js';
import { InputError } from '../errors.js';
import { featureColumns } from '../features/compute-features.js';
import { manifestFile, readFeatureMonths } from '../features/feature-months.js';
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
 * @throws InputError what the readers throw, `several-feature-files` and `repairs-unreadable`
 */
export async function readSymbolData(plan: SymbolPlan, set: FeatureSet): Promise<SymbolData> {
  const notes: string[] = [];
  const file = plan.features.length === 0 ? undefined : oneFeatureFile(plan, set);
  const table = file === undefined ? undefined : await readFeatureTable(file, { featureSet: set.name, alignment: set.alignment, symbol: plan.symbol });
  const candles = table?.candles ?? readCandles(plan.candles, { symbol: plan.symbol, onNote: (note) => notes.push(note) });
  notes.push(...(file === undefined ? repairNotes(plan.symbol, plan.candles) : repairsBehind(plan.symbol, file)));
  const gaps = findGaps(candles);
  if (gaps.count > 0) {
    notes.push(`${plan.symbol}: ${gaps.missingMinutes} minutes are missing in ${gaps.count} gaps, the longest ${gaps.longestMinutes} minutes; nothing is filled`);
  }
  return {
    candles,
    files: file === undefined ? hashed(plan.candles) : [{ file: hashedFile(file), sha256: hashFile(hashedFile(file)) }],
    notes,
    *columns(wanted) {
      if (table !== undefined && wanted.name === table.featureSet.name && wanted.alignment === table.featureSet.alignment) {
        for (let index = 0; index < wanted.columns.length; index++) yield [wanted.columns[index], table.columns[index]] as const;
      } else yield* featureColumns(candles, wanted);
    },
  };
}

/** What the manifest of a feature table says was done to its candles. */
function repairsBehind(symbol: string, table: string): readonly string[] {
  const repairs = readFeatureMonths(table)?.repairs;
  return repairs === undefined || !isWorthSaying(repairs) ? [] : [repairNote(symbol, repairs, `${REPAIRS_NAME} beside them`)];
}

/** @throws InputError `store-part-changed` for a part of a store that is not what was stored. */
function hashed(files: readonly string[]): SymbolData['files'] {
  const hashes = hashCandleFiles(files);
  return files.map((file, index) => ({ file, sha256: hashes[index] }));
}

/** What identifies a feature table: the file, or of monthly parts the manifest, which holds the hashes of all. */
function hashedFile(table: string): string {
  return readFeatureMonths(table) === undefined ? table : manifestFile(table);
}

/** Of several files the one whose name says the set's number of columns (`…_50feat.parquet`), or the folder of monthly parts that is of the set. */
function oneFeatureFile({ symbol, features }: SymbolPlan, set: FeatureSet): string {
  const tables = [...new Set(features.map((file) => (readFeatureMonths(dirname(file)) === undefined ? file : dirname(file))))];
  if (tables.length === 1) return tables[0];
  const isOfSet = (table: string): boolean => {
    const months = readFeatureMonths(table);
    return months === undefined ? table.includes(`_${set.columns.length}feat`) : months.featureSet === set.name && months.alignment === set.alignment;
  };
  const fitting = tables.filter(isOfSet);
  if (fitting.length === 1) return fitting[0];
  throw new InputError(`${tables.length} feature files of ${symbol}: ${tables.join(', ')}`, {
    code: 'several-feature-files',
    place: { file: tables[0] },
    hint: `name one with --features FILE (${set.name} has ${set.columns.length} columns)`,
  });
}
