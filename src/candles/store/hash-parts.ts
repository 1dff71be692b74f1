import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { hashFile } from '../../tables/hash-file.js';
import { exchangeOfPart, isSeriesName } from './series-layout.js';
import { readManifest } from './series-manifest.js';
import type { SeriesManifest } from './series.js';

/** A collector may be writing: the part, then the manifest. So often both are looked at again. */
const LOOKS = 3;

/**
 * The SHA-256 of each candle file. A part of a store that has a manifest must be the one that was stored: a month that
 * was damaged, or replaced by another symbol's, reads like any other.
 * @throws InputError `store-part-changed`, `store-manifest-unreadable`, `file-missing`
 */
export function hashCandleFiles(files: readonly string[]): readonly string[] {
  const manifests = new Map<string, SeriesManifest | undefined>();
  return files.map((file) => {
    const folder = dirname(resolve(file));
    let sha256 = hashFile(file);
    for (let look = 1; ; look++) {
      if (!manifests.has(folder)) manifests.set(folder, manifestOf(file, folder));
      const manifest = manifests.get(folder);
      const problem = problemOf(manifest, basename(file, '.parquet'), sha256);
      if (problem === undefined) return sha256;
      if (look === LOOKS) {
        throw new InputError(`${file} is not what was stored: ${problem}`, {
          code: 'store-part-changed',
          place: { file },
          hint: 'restore it from a copy, or delete it and collect again; npx crpbot data verify looks at every part',
        });
      }
      sha256 = hashFile(file);
      manifests.delete(folder);
    }
  });
}

function manifestOf(file: string, folder: string): SeriesManifest | undefined {
  const exchange = exchangeOfPart(file);
  const symbol = basename(dirname(folder));
  if (exchange === undefined || !isSeriesName({ exchange, symbol })) return undefined;
  return readManifest(join(folder, '../../..'), { exchange, symbol });
}

function problemOf(manifest: SeriesManifest | undefined, month: string, sha256: string): string | undefined {
  const record = manifest?.months[month];
  if (record === undefined || sha256 === record.sha256) return undefined;
  if (manifest?.writing?.month === month && manifest.writing.sha256 === sha256) return undefined;
  return `its SHA-256 is ${sha256}, the manifest says ${record.sha256}`;
}
