import type { JobControl } from '../progress.js';
import { addressText, parseBucketAddress } from '../storage/address.js';
import { addToManifest, readManifest, type ExportedFile } from '../storage/export-manifest.js';
import { hashParts, type HashedFile } from '../storage/hash-parts.js';
import { refusePublicBucket } from '../storage/public-bucket.js';
import { forEachParallel } from '../slots.js';
import { findUnchanged } from '../storage/stored-object.js';
import { openStore, type Store, type StoreOptions } from '../storage/store.js';
import { uploadFile } from '../storage/upload-file.js';
import type { Verification } from '../storage/verify-object.js';
import { DEFAULT_EXPORT, selectFiles, type ExportKind, type ExportSelection, type FileToExport } from './export-files.js';

export interface ExportOptions extends StoreOptions {
  /** Files and folders; without any those of `what`. */
  readonly paths?: readonly string[] | undefined;
  readonly what?: readonly ExportKind[] | undefined;
  /** Look and compare only: nothing is written. */
  readonly dryRun?: boolean | undefined;
}

export interface FileOfExport {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly done: 'uploaded' | 'unchanged' | 'would-upload';
  /** How the store's object was found to be the file; absent when nothing was uploaded yet. */
  readonly verifiedBy?: Verification;
}

export interface ExportReport {
  readonly address: string;
  readonly dryRun: boolean;
  readonly files: readonly FileOfExport[];
  readonly leftOut: ExportSelection['leftOut'];
  /** Sent now. */
  readonly uploadedBytes: number;
  /** Of interrupted uploads, found at the store and not sent again. */
  readonly resumedBytes: number;
  readonly encryption: 'AES256' | 'aws:kms' | 'none';
  /** `private`: the bucket's policy lets nobody in from outside; `unknown`: the store does not tell. */
  readonly bucket: 'private' | 'unknown';
  /** What the person should know of this store. */
  readonly notes: readonly string[];
}

const PARALLEL_FILES = 4;

/**
 * Copies results, models and data to `s3://bucket/prefix`. What is there already stays, what was interrupted goes on,
 * each object is verified, and at the end `crpbot-export.json` lists all files with their SHA-256.
 * @throws InputError, SetupError, TemporaryError of the selection and the store; an AbortError when stopped
 */
export async function exportToBucket(to: string, options: ExportOptions, control: JobControl = {}): Promise<ExportReport> {
  const address = parseBucketAddress(to);
  const { files, leftOut } = selectFiles(options.paths ?? [], options.what ?? DEFAULT_EXPORT);
  const store = await openStore(address, options, control.signal);
  try {
    const known = await readManifest(store);
    const bucket = await refusePublicBucket(store);
    const hashed = await hashAll(files, control);
    const recorded = new Map(known?.files.map((file) => [file.name, file]));
    const done = await sendAll(store, hashed, recorded, options.dryRun === true, control);
    if (options.dryRun !== true) await addToManifest(store, known, done.exported);
    return {
      address: addressText(address),
      dryRun: options.dryRun === true,
      files: files.flatMap(({ name }) => done.files.get(name) ?? []),
      leftOut,
      uploadedBytes: done.uploadedBytes,
      resumedBytes: done.resumedBytes,
      encryption: store.encryption.ServerSideEncryption ?? 'none',
      bucket,
      notes: notesOf(store, [...done.files.values()]),
    };
  } finally {
    store.close();
  }
}

interface NamedFile {
  readonly name: string;
  readonly file: HashedFile;
}

async function hashAll(files: readonly FileToExport[], { signal, onProgress }: JobControl): Promise<readonly NamedFile[]> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.({ label: 'hashing', done: (done += bytes), total, unit: 'bytes' });
  const hashed: NamedFile[] = [];
  await forEachParallel(files, 2, async ({ name, path }) => void hashed.push({ name, file: await hashParts(path, { signal, onBytes }) }));
  return hashed;
}

interface Sent {
  readonly files: ReadonlyMap<string, FileOfExport>;
  readonly exported: readonly ExportedFile[];
  readonly uploadedBytes: number;
  readonly resumedBytes: number;
}

async function sendAll(store: Store, all: readonly NamedFile[], recorded: ReadonlyMap<string, ExportedFile>, dryRun: boolean, { onProgress }: JobControl): Promise<Sent> {
  const files = new Map<string, FileOfExport>();
  const exported: ExportedFile[] = [];
  const total = all.reduce((sum, { file }) => sum + file.bytes, 0);
  let done = 0;
  let uploadedBytes = 0;
  let resumedBytes = 0;
  const onBytes = (bytes: number): void => onProgress?.({ label: dryRun ? 'comparing' : 'uploading', done: (done += bytes), total, unit: 'bytes' });
  await forEachParallel(all, PARALLEL_FILES, async ({ name, file }) => {
    const { bytes, sha256 } = file;
    const unchanged = await findUnchanged(store, name, file, recorded.get(name));
    if (unchanged === undefined && dryRun) {
      files.set(name, { name, bytes, sha256, done: 'would-upload' });
      onBytes(bytes);
      return;
    }
    let resumed = 0;
    const verified = unchanged ?? (await uploadFile(store, name, file, { onBytes, onResumed: (there) => (resumed = there) }));
    if (unchanged !== undefined) onBytes(bytes);
    else uploadedBytes += bytes - resumed;
    resumedBytes += resumed;
    files.set(name, { name, bytes, sha256, done: unchanged === undefined ? 'uploaded' : 'unchanged', verifiedBy: verified.verification });
    exported.push({ name, bytes, sha256, etag: verified.etag });
  });
  return { files, exported, uploadedBytes, resumedBytes };
}

function notesOf(store: Store, files: readonly FileOfExport[]): readonly string[] {
  const by = (verification: Verification): number => files.filter(({ verifiedBy }) => verifiedBy === verification).length;
  const notes: string[] = [];
  if (by('md5') > 0) notes.push(`the store names no SHA-256 of ${by('md5')} files: size and MD5 (ETag) were compared`);
  if (by('read-back') > 0) notes.push(`the store names no checksum of ${by('read-back')} files: they were read back and compared`);
  if (by('recorded') > 0) notes.push(`the store names no checksum of ${by('recorded')} unchanged files: their ETag is the one recorded when they were verified`);
  if (!store.habits.tellsUnfinished) notes.push('the store, or a missing permission (s3:ListBucketMultipartUploads), does not tell of unfinished uploads: an interrupted file of more than 8 MB begins anew');
  if (store.endpoint?.startsWith('http://') === true && !/^http:\/\/(127\.|localhost|\[::1\])/.test(store.endpoint)) notes.push(`${store.endpoint} is not encrypted on the way: everybody between can read the files; use https`);
  return notes;
}
