import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { InputError, TemporaryError } from '../../errors.js';
import { hashFile } from '../../tables/hash-file.js';
import type { Candles } from '../candles.js';
import { readRawSeries } from '../quality/raw-series.js';
import type { SeriesFiles } from '../quality/raw-series.js';
import { partMissing } from '../store/read-series.js';
import { exchangeOfPart, partFile, seriesBelow } from '../store/series-layout.js';
import { readManifest } from '../store/series-manifest.js';
import type { SeriesManifest } from '../store/series.js';
import type { TimeRange } from '../time-range.js';
import { readRepairRecord } from './repair-record.js';
import type { RepairRun, RepairSource } from './repair-record.js';

/** A series as it is before a repair. */
export interface RepairSources {
  readonly raw: Candles;
  readonly sources: readonly RepairSource[];
  /** Repairs it has been through, oldest first. */
  readonly earlier: readonly RepairRun[];
  /** What its store says the exchange answered; none for other files. */
  readonly covered: readonly TimeRange[];
}

/**
 * All rows of a series, of exactly the bytes the hashes name.
 * @throws InputError `repair-source-unreadable`, `store-part-changed`, `store-part-missing`, `store-manifest-unreadable`,
 * `repairs-unreadable`; TemporaryError `repair-source-changing`.
 */
export function readRepairSources(series: SeriesFiles, notes: string[]): RepairSources {
  const { files } = series;
  const hashes = files.map(hashFile);
  const manifest = storeManifest(files, hashes);
  const { candles: raw, unreadable, notes: read } = readRawSeries(series);
  if (unreadable.length > 0) {
    const [{ file, problem, hint }] = unreadable;
    throw new InputError(`${file} cannot be read, and a repair would leave it out: ${problem}`, { code: 'repair-source-unreadable', place: { file }, hint: hint ?? 'restore it, or name the files that are to be repaired' });
  }
  const changed = files.find((file, index) => hashFile(file) !== hashes[index]);
  if (changed !== undefined) {
    throw new TemporaryError(`${changed} changed while it was read`, { code: 'repair-source-changing', place: { file: changed }, hint: 'repair when nothing is being collected into it' });
  }
  notes.push(...read);
  const folders = [...new Set(files.map((file) => dirname(file)))];
  return {
    raw,
    sources: files.map((file, index) => ({ file: basename(file), sha256: hashes[index] })),
    earlier: folders.flatMap((folder) => {
      const record = readRepairRecord(folder);
      if (record === undefined) return [];
      const { crpbotVersion, sources, options, rowsBefore, rowsAfter, repairs, remaining, earlier } = record;
      return [...earlier, { crpbotVersion, sources, options, rowsBefore, rowsAfter, repairs, remaining }];
    }),
    covered: manifest?.covered ?? [],
  };
}

/** What a store says of these files, where they are all of one of its series and are what it says. */
function storeManifest(files: readonly string[], hashes: readonly string[]): SeriesManifest | undefined {
  if (exchangeOfPart(files[0]) === undefined || files.some((file) => dirname(file) !== dirname(files[0]))) return undefined;
  const { root, series } = seriesBelow(dirname(files[0]));
  const manifest = series.length === 1 ? readManifest(root, series[0]) : undefined;
  if (manifest === undefined) return undefined;
  for (const [month, record] of Object.entries(manifest.months)) {
    const part = partFile(root, series[0], month);
    const at = files.findIndex((file) => basename(file) === basename(part));
    if (at === -1 && !existsSync(part)) throw partMissing(part);
    if (at === -1 || hashes[at] === record.sha256 || (manifest.writing?.month === month && hashes[at] === manifest.writing.sha256)) continue;
    throw new InputError(`${files[at]} is not what was stored: its SHA-256 is ${hashes[at]}, the manifest says ${record.sha256}`, {
      code: 'store-part-changed',
      place: { file: files[at] },
      hint: 'restore it from a copy, or delete it and collect again; npx crpbot data verify names all that are damaged',
    });
  }
  return manifest;
}
