import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SeriesManifest } from '../../candles/store/series.js';
import { hashFile } from '../../tables/hash-file.js';

/**
 * Name of a job by what it does: SHA-256 over its kind, its task and the content of its inputs. The same work asked for
 * twice is one job. A month of the candle store is known by its manifest's hash, so that a thousand symbols need no
 * reading of every byte here; the job itself checks them.
 * @throws InputError `file-missing`
 */
export function jobIdentity(kind: string, task: unknown, inputs: readonly string[], version: string): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, version, task]));
  for (const input of inputs) hash.update(contentOf(input));
  return hash.digest('hex');
}

function contentOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return recordedHash(path) ?? hashFile(path);
  const inside = readdirSync(path).filter((name) => !name.startsWith('.')).sort();
  return inside.map((name) => `${name} ${contentOf(join(path, name))}`).join('\n');
}

function recordedHash(file: string): string | undefined {
  try {
    const { months } = JSON.parse(readFileSync(join(dirname(file), 'manifest.json'), 'utf8')) as SeriesManifest;
    const record = months[basename(file, '.parquet')];
    return record?.bytes === statSync(file).size ? record.sha256 : undefined;
  } catch {
    return undefined; // No store's folder, or one in need of `data verify`: the file speaks for itself.
  }
}
