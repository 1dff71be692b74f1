import { existsSync, lstatSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureWritable } from '../atomic-file.js';
import { InputError } from '../errors.js';
import type { JobControl } from '../progress.js';
import { addressText, parseBucketAddress } from '../storage/address.js';
import { downloadFile, hashOf, partialName } from '../storage/download-file.js';
import { MANIFEST_NAME, readManifest, type ExportedFile } from '../storage/export-manifest.js';
import { forEachParallel } from '../slots.js';
import { openStore, type StoreOptions } from '../storage/store.js';
import { takeWriteLock } from '../write-lock.js';

export interface ImportOptions extends Pick<StoreOptions, 'endpoint' | 'region' | 'attempts' | 'silenceMs'> {
  readonly out: string;
  /** Only these files and what lies in these folders, by their names in the export. */
  readonly only?: readonly string[] | undefined;
  /** Replace files that are there with other content. */
  readonly overwrite?: boolean | undefined;
  /** Compare only: nothing is written. */
  readonly dryRun?: boolean | undefined;
}

export interface FileOfImport extends Pick<ExportedFile, 'name' | 'bytes' | 'sha256'> {
  readonly done: 'fetched' | 'unchanged' | 'would-fetch';
}

export interface ImportReport {
  readonly address: string;
  readonly out: string;
  readonly dryRun: boolean;
  readonly files: readonly FileOfImport[];
  /** Fetched now. */
  readonly fetchedBytes: number;
  /** Of an interrupted import, not fetched again. */
  readonly resumedBytes: number;
}

const PARALLEL_FILES = 4;

/**
 * Brings an export back into a folder: only what is missing, each file verified by the SHA-256 of the export's list
 * before it takes its name.
 * @throws InputError `export-missing`, `import-unsafe-name`, `import-would-replace`, `import-no-room`, `object-differs`; the store's; an AbortError when stopped
 */
export async function importFromBucket(from: string, options: ImportOptions, control: JobControl = {}): Promise<ImportReport> {
  const address = parseBucketAddress(from);
  const { out, only, overwrite = false, dryRun = false } = options;
  const store = await openStore(address, options, control.signal);
  try {
    const manifest = await readManifest(store);
    if (manifest === undefined) {
      throw new InputError(`there is no export at ${addressText(address)}: it has no ${MANIFEST_NAME}`, { code: 'export-missing', place: { file: addressText(address) }, hint: 'give the address that crpbot export was given; an export that was interrupted has its list only when it is run to its end' });
    }
    const chosen = chooseFiles(manifest.files, only);
    const missing = await findMissing(chosen, out, overwrite, control);
    const fetched = new Set(missing.map(({ name }) => name));
    const report = (fetchedBytes: number, resumedBytes: number): ImportReport => ({
      address: addressText(address), out, dryRun, fetchedBytes, resumedBytes,
      files: chosen.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256, done: !fetched.has(name) ? 'unchanged' : dryRun ? 'would-fetch' : 'fetched' })),
    });
    if (dryRun || missing.length === 0) return report(0, 0);

    ensureWritable(out);
    const lock = takeWriteLock(join(out, '.crpbot-import.lock'), { code: 'folder-busy', writes: 'this folder' });
    try {
      const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
      const resumed = missing.reduce((sum, file) => sum + partialBytes(out, file), 0);
      refuseWithoutRoom(out, total - resumed);
      let done = 0;
      const onBytes = (bytes: number): void => control.onProgress?.({ label: 'fetching', done: (done += bytes), total, unit: 'bytes' });
      await forEachParallel(missing, PARALLEL_FILES, (file) => downloadFile(store, out, file, onBytes));
      return report(total - resumed, resumed);
    } finally {
      lock.release();
    }
  } finally {
    store.close();
  }
}

function chooseFiles(files: readonly ExportedFile[], only: readonly string[] | undefined): readonly ExportedFile[] {
  if (only === undefined || only.length === 0) return files;
  const wanted = only.map((each) => each.replace(/\/+$/, ''));
  const chosen = files.filter(({ name }) => wanted.some((each) => name === each || name.startsWith(`${each}/`)));
  if (chosen.length > 0) return chosen;
  const folders = [...new Set(files.map(({ name }) => name.split('/').slice(0, 2).join('/')))];
  throw new InputError(`the export holds nothing of ${only.join(', ')}`, { code: 'export-missing', hint: `it holds ${folders.slice(0, 10).join(', ')}` });
}

/** What is not there yet. @throws InputError `import-would-replace` before anything is written */
async function findMissing(files: readonly ExportedFile[], out: string, overwrite: boolean, { signal, onProgress }: JobControl): Promise<readonly ExportedFile[]> {
  const missing: ExportedFile[] = [];
  const others: string[] = [];
  for (const [at, file] of files.entries()) {
    signal?.throwIfAborted();
    const path = join(out, file.name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) missing.push(file);
    else if (!found.isFile()) throw new InputError(`${path} is ${found.isDirectory() ? 'a folder' : 'no plain file'}, and the export has a file of this name`, { code: 'import-would-replace', place: { file: path }, hint: 'import into another folder (--out DIR)' });
    else if (found.size !== file.bytes || (await hashOf(path, signal)) !== file.sha256) {
      missing.push(file);
      others.push(path);
    }
    onProgress?.({ label: 'comparing', done: at + 1, total: files.length, unit: 'files' });
  }
  if (others.length > 0 && !overwrite) {
    throw new InputError(`${others.length} files are there with other content: ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', ...' : ''}`, { code: 'import-would-replace', hint: 'import into another folder (--out DIR), or say --overwrite to replace them' });
  }
  return missing;
}

function partialBytes(out: string, { name, bytes, sha256 }: ExportedFile): number {
  const found = lstatSync(partialName(join(out, name), sha256), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= bytes ? found.size : 0;
}

/** @throws InputError `import-no-room` */
function refuseWithoutRoom(out: string, bytes: number): void {
  if (!existsSync(out)) return;
  const { bavail, bsize } = statfsSync(out);
  const free = bavail * bsize;
  if (bytes <= free) return;
  throw new InputError(`${out} has room for ${free} bytes, and ${bytes} are missing`, { code: 'import-no-room', place: { file: out }, hint: 'make room, fetch less (--only results), or import into another folder (--out DIR)' });
}
