import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../errors.js';
import { readFeatureMonths } from './feature-months.js';
import type { Alignment, FeatureSet } from './feature-set.js';
import { featureSet } from './feature-sets.js';

/** A file that features were computed from. */
export interface SourceFile {
  readonly file: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256: string;
}

/** What stands beside a feature file, in `<name>.json`: what its columns are and where they came from. */
export interface FeatureRecord {
  readonly featureSet: string;
  readonly alignment: Alignment;
  /** True when rows show later candles. */
  readonly leaky: boolean;
  readonly symbol: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Rows at the head that may be incomplete. */
  readonly warmupRows: number;
  /** Open times of the first and the last candle, ISO 8601 UTC. */
  readonly from: string;
  readonly to: string;
  readonly sources: readonly SourceFile[];
  readonly crpbotVersion: string;
}

/** What of a record decides how the file is read. */
export interface FeatureRecordSummary {
  readonly set: FeatureSet;
  readonly symbol: string | undefined;
}

/** `features.parquet` -> `features.json`. */
export function recordFile(featureFile: string): string {
  return featureFile.replace(/\.parquet$/i, '') + '.json';
}

/**
 * Reads what stands beside a feature file, or in a folder of monthly parts; undefined when nothing does (a ready-made file of the original).
 * @throws InputError `feature-record-unreadable`, `unknown-feature-set`, `unknown-alignment`.
 */
export function readFeatureRecord(featureFile: string): FeatureRecordSummary | undefined {
  const months = readFeatureMonths(featureFile);
  if (months !== undefined) return { set: featureSet(months.featureSet, months.alignment), symbol: months.symbol };
  const file = recordFile(featureFile);
  if (!existsSync(file)) return undefined;
  let record: Partial<FeatureRecord> | null;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as Partial<FeatureRecord> | null;
  } catch (cause) {
    throw unreadableRecord(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (typeof record?.featureSet !== 'string' || typeof record.alignment !== 'string') {
    throw unreadableRecord(file, 'it does not say featureSet and alignment');
  }
  return { set: featureSet(record.featureSet, record.alignment), symbol: typeof record.symbol === 'string' ? record.symbol : undefined };
}

function unreadableRecord(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} does not describe a feature file: ${reason}`, {
    code: 'feature-record-unreadable',
    place: { file },
    hint: 'remove it to have the feature file recognised by its columns, or compute the features again (npx crpbot features)',
    cause,
  });
}
