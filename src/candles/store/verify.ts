import { existsSync, statSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { hashFile } from '../../tables/hash-file.js';
import type { Candles } from '../candles.js';
import { readPart, recordOf } from './month-part.js';
import { partMissing } from './read-series.js';
import { manifestFile, monthsInFolder, partFile, seriesFolder } from './series-layout.js';
import { emptyManifest, manifestText, readManifest } from './series-manifest.js';
import type { SeriesId, SeriesManifest } from './series.js';

/** One thing wrong with a file of a series. */
export interface StoreDefect {
  readonly file: string;
  /** `store-part-changed`, `parquet-unreadable`, `candle-high-too-low` ... */
  readonly code: string;
  readonly problem: string;
  readonly hint: string;
}

export interface SeriesReport {
  readonly exchange: string;
  readonly symbol: string;
  /** Months and candles the manifest lists. */
  readonly months: number;
  readonly rows: number;
  /** In the order of the files; none when all is well. */
  readonly defects: readonly StoreDefect[];
}

/**
 * Compares every part of a series with the manifest, byte for byte, and its candles with what candles must be. Finds all
 * defects, at most one of each kind a file; throws for none of them. A collector may write meanwhile.
 */
export async function verifySeries(root: string, id: SeriesId): Promise<SeriesReport> {
  const { exchange, symbol } = id;
  const listed = manifestOrDefect(root, id);
  const manifest = 'code' in listed ? emptyManifest(id) : listed;
  const defects: StoreDefect[] = 'code' in listed ? [listed] : [];
  for (const month of [...new Set([...Object.keys(manifest.months), ...monthsInFolder(seriesFolder(root, id))])].sort()) {
    await new Promise((done) => setImmediate(done));
    defects.push(...monthDefects(root, id, month));
  }
  const records = Object.values(manifest.months);
  return { exchange, symbol, months: records.length, rows: records.reduce((sum, { rows }) => sum + rows, 0), defects };
}

/** Looked at again when the manifest changed meanwhile: a collector was at work. */
function monthDefects(root: string, id: SeriesId, month: string): readonly StoreDefect[] {
  for (;;) {
    const listed = manifestOrDefect(root, id);
    const defects = partDefects(partFile(root, id, month), id, month, 'code' in listed ? undefined : listed);
    if (defects.length === 0 || sameManifest(listed, manifestOrDefect(root, id))) return defects;
  }
}

function partDefects(file: string, id: SeriesId, month: string, manifest: SeriesManifest | undefined): readonly StoreDefect[] {
  const record = manifest?.months[month];
  if (!existsSync(file)) return record === undefined ? [] : [defectOf(partMissing(file), file)];
  const defects: StoreDefect[] = [];
  let candles: Candles | undefined;
  let sha256 = '';
  try {
    sha256 = hashFile(file);
    candles = readPart(file, id.symbol, month);
  } catch (error) {
    defects.push(defectOf(error, file));
  }
  // Without a manifest every part would be unlisted: that one defect was told.
  if (manifest === undefined) return defects;
  // The collector was stopped while it wrote this one; it mends that when it starts again.
  if (manifest.writing?.month === month && manifest.writing.sha256 === sha256) return defects;
  if (record === undefined) {
    return [{ file, code: 'store-part-unlisted', problem: 'the manifest does not list it', hint: 'collect again to have it checked and taken over, or move it out of the folder' }, ...defects];
  }
  const restore = 'restore it from a copy, or delete it and collect again: the month is then fetched';
  if (sha256 !== record.sha256) {
    defects.unshift({ file, code: 'store-part-changed', problem: `its SHA-256 is ${sha256 || 'unknown'}, the manifest says ${record.sha256}`, hint: restore });
  }
  if (candles !== undefined) {
    const found = recordOf(candles, record.sha256, statSync(file).size);
    const wrong = (['rows', 'first', 'last', 'bytes'] as const).filter((name) => found[name] !== record[name]);
    if (wrong.length > 0) {
      const said = wrong.map((name) => `${name} ${found[name]}, the manifest says ${record[name]}`);
      defects.push({ file, code: 'store-record-wrong', problem: said.join('; '), hint: restore });
    }
  }
  return defects;
}

function manifestOrDefect(root: string, id: SeriesId): SeriesManifest | StoreDefect {
  const file = manifestFile(root, id);
  try {
    return readManifest(root, id) ?? { file, code: 'store-manifest-missing', problem: 'there is no manifest', hint: 'collect again: the parts are then checked and taken over' };
  } catch (error) {
    return defectOf(error, file);
  }
}

function sameManifest(a: SeriesManifest | StoreDefect, b: SeriesManifest | StoreDefect): boolean {
  if ('code' in a || 'code' in b) return 'code' in a && 'code' in b && a.problem === b.problem;
  return manifestText(a) === manifestText(b);
}

function defectOf(error: unknown, file: string): StoreDefect {
  if (!(error instanceof InputError)) throw error;
  const row = error.place?.row === undefined ? '' : `row ${error.place.row}: `;
  return { file, code: error.code, problem: `${row}${error.message}`, hint: error.hint ?? '' };
}
