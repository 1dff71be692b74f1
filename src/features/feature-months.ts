import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeTextAtomically } from '../atomic-file.js';
import type { RepairSummary } from '../candles/repair/repair-record.js';
import { InputError } from '../errors.js';
import { projectVersion } from '../project-root.js';
import type { FeatureRecipe, RecursiveState } from './feature-recipe.js';
import type { Alignment } from './feature-set.js';

/** One monthly part of a symbol's features. */
export interface FeatureMonth {
  readonly rows: number;
  /** Open times of its first and last candle, ISO 8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 of the candle part it was computed from, hexadecimal. */
  readonly source: string;
  /** SHA-256 of everything it depends on: see `startChain`, `nextChain`. */
  readonly chain: string;
  /** SHA-256 of the part's bytes, and how many. */
  readonly sha256: string;
  readonly bytes: number;
  /** What recursive kernels know after its last row. */
  readonly state: RecursiveState;
}

/**
 * `manifest.json` beside the monthly parts `<set>/<symbol>/1m/<yyyy-mm>.parquet`. Holds nothing that depends on when or
 * how often they were computed: the same candles give the same bytes.
 */
export interface FeatureMonths {
  readonly format: 1;
  readonly symbol: string;
  readonly featureSet: string;
  readonly alignment: Alignment;
  /** True when rows show later candles. */
  readonly leaky: boolean;
  readonly columns: readonly string[];
  /** Rows at the head of the first part that may be incomplete. */
  readonly warmupRows: number;
  readonly crpbotVersion: string;
  /** What was done to the candles before (`crpbot data repair`): their record's summary and hash. Absent where nothing was. */
  readonly repairs?: RepairSummary;
  /** By month, `2025-01`, in order. */
  readonly months: Readonly<Record<string, FeatureMonth>>;
}

const FORMAT = 1;

/** Folder of a symbol's monthly parts: `<out>/v2-50/BTC-USD/1m`, `<out>/v2-50-legacy/BTC-USD/1m`. */
export function featureMonthsFolder(outDir: string, { name, alignment }: { readonly name: string; readonly alignment: Alignment }, symbol: string): string {
  return join(outDir, alignment === 'causal' ? name : `${name}-${alignment}`, symbol, '1m');
}

/** The month a part's name says, `2025-01`; undefined for other names. */
export function monthOfPart(name: string): string | undefined {
  return /^(\d{4}-(?:0[1-9]|1[0-2]))\.parquet$/.exec(name)?.[1];
}

export function manifestFile(folder: string): string {
  return join(folder, 'manifest.json');
}

/** A manifest without months yet. */
export function emptyFeatureMonths({ set }: FeatureRecipe, symbol: string, repairs?: RepairSummary): FeatureMonths {
  const { name, alignment, leaky, columns, warmupRows } = set;
  return { format: FORMAT, symbol, featureSet: name, alignment, leaky, columns, warmupRows, crpbotVersion: projectVersion(), ...(repairs && { repairs }), months: {} };
}

/**
 * Reads what stands beside monthly feature parts; undefined when nothing does.
 * @throws InputError `feature-record-unreadable`.
 */
export function readFeatureMonths(folder: string): FeatureMonths | undefined {
  const file = manifestFile(folder);
  if (!existsSync(file)) return undefined;
  let manifest: Partial<FeatureMonths> | null;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Partial<FeatureMonths> | null;
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  // Another kind of manifest, of a candle store for one.
  if (manifest !== null && typeof manifest === 'object' && !('featureSet' in manifest)) return undefined;
  const { format, symbol, featureSet, alignment, months } = manifest ?? {};
  if (format !== FORMAT || typeof symbol !== 'string' || typeof featureSet !== 'string' || typeof alignment !== 'string' || typeof months !== 'object' || months === null) {
    throw unreadable(file, `it does not say format ${FORMAT}, symbol, featureSet, alignment and months`);
  }
  return manifest as FeatureMonths;
}

export function writeFeatureMonths(folder: string, manifest: FeatureMonths): void {
  writeTextAtomically(manifestFile(folder), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** Whether the part is there as the manifest says; its bytes are read only where they are used. */
export function isPartThere(folder: string, month: string, record: FeatureMonth): boolean {
  return statSync(join(folder, `${month}.parquet`), { throwIfNoEntry: false })?.size === record.bytes;
}

/** What every part of a symbol depends on before any candle: the recipe and the program that computes it. */
export function startChain({ set, contextRows, version = '1' }: FeatureRecipe, symbol: string): string {
  const { name, alignment, columns, warmupRows } = set;
  return sha256(JSON.stringify([FORMAT, symbol, name, alignment, columns, warmupRows, contextRows ?? null, version, projectVersion()]));
}

/** What a part depends on: all that the one before depends on, and its own candles (their part's SHA-256). */
export function nextChain(before: string, source: string): string {
  return sha256(`${before} ${source}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} does not describe monthly feature parts: ${reason}`, {
    code: 'feature-record-unreadable',
    place: { file },
    hint: 'remove its folder and compute the features again (npx crpbot features)',
    cause,
  });
}
