import type { Part } from '@aws-sdk/client-s3';
import { keyOf } from './address.js';
import { readPart, type HashedFile, type PartHash } from './hash-parts.js';
import { forEachParallel } from '../slots.js';
import type { Store } from './store.js';
import { plainEtag } from './verify-object.js';

/** A part that the store has, as the completing request lists it. */
interface StoredPart {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumSHA256?: string;
}

const PARALLEL_PARTS = 4;
/** Most unfinished uploads of one name that are looked into. */
const MOST_UNFINISHED = 5;
const gone = 'gone';

/**
 * Uploads a file in parts and puts it together. What an interrupted upload of the same name left at the store is used:
 * the store is asked for its unfinished uploads and their parts, and a part is sent only where the store's checksum is
 * not that of the file's part. So nothing needs to be remembered here, and another machine can go on.
 * @param resume false to begin anew
 * @returns false when the upload was finished or removed by somebody else meanwhile
 */
export async function uploadInParts(store: Store, name: string, file: HashedFile, { resume, onBytes, onResumed }: {
  readonly resume: boolean;
  readonly onBytes: (bytes: number) => void;
  /** Bytes that were there already. */
  readonly onResumed: (bytes: number) => void;
}): Promise<boolean> {
  const unfinished = resume ? await findUnfinished(store, name, file) : undefined;
  const upload = unfinished?.upload ?? (await beginUpload(store, name));
  const stored = new Map<number, StoredPart>(unfinished?.parts);
  const there = file.parts.filter(({ number }) => stored.has(number)).reduce((sum, { bytes }) => sum + bytes, 0);
  if (there > 0) onResumed(there);
  onBytes(there);

  let removed = false;
  const missing = file.parts.filter(({ number }) => !stored.has(number));
  await forEachParallel(missing, PARALLEL_PARTS, (part) =>
    store.slots.run(async () => {
      if (removed) return;
      const sent = await sendPart(store, name, upload, file, part);
      if (sent === gone) removed = true;
      else stored.set(part.number, sent);
      onBytes(part.bytes);
    }),
  );
  return !removed && (await complete(store, name, upload, file.parts.flatMap(({ number }) => stored.get(number) ?? [])));
}

async function beginUpload(store: Store, name: string): Promise<string> {
  const answer = await store.ask('CreateMultipartUpload', name, (s3, target, http) =>
    s3.createMultipartUpload({ ...target, ...store.encryption, ...(store.habits.checksums && { ChecksumAlgorithm: 'SHA256' }) }, http),
  );
  return answer.UploadId ?? '';
}

async function sendPart(store: Store, name: string, upload: string, { path }: HashedFile, part: PartHash): Promise<StoredPart | typeof gone> {
  const body = await readPart(path, part);
  return store.ask(
    'UploadPart', name,
    async (s3, target, http) => {
      const { ETag = '' } = await s3.uploadPart({ ...target, UploadId: upload, PartNumber: part.number, Body: body, ContentLength: part.bytes, ...integrity(store, part) }, http);
      return { PartNumber: part.number, ETag, ...(store.habits.checksums && { ChecksumSHA256: part.sha256 }) };
    },
    isGone,
  );
}

/** What makes the store itself refuse a body that arrived damaged. */
export function integrity({ habits }: Store, { sha256, md5 }: PartHash): { readonly ChecksumAlgorithm: 'SHA256'; readonly ChecksumSHA256: string } | { readonly ContentMD5: string } {
  return habits.checksums ? { ChecksumAlgorithm: 'SHA256', ChecksumSHA256: sha256 } : { ContentMD5: Buffer.from(md5, 'hex').toString('base64') };
}

async function complete(store: Store, name: string, upload: string, parts: readonly StoredPart[]): Promise<boolean> {
  const answer = await store.ask(
    'CompleteMultipartUpload', name,
    (s3, target, http) => s3.completeMultipartUpload({ ...target, UploadId: upload, MultipartUpload: { Parts: [...parts] } }, http),
    isGone,
  );
  return answer !== gone;
}

function isGone({ name }: { readonly name: string }): typeof gone | undefined {
  return name === 'NoSuchUpload' || name === 'InvalidPart' ? gone : undefined;
}

/** The unfinished upload of this name that has most of the file's parts. */
async function findUnfinished(store: Store, name: string, file: HashedFile): Promise<{ readonly upload: string; readonly parts: ReadonlyMap<number, StoredPart> } | undefined> {
  const answer = await store.ask(
    'ListMultipartUploads', name,
    (s3, { Bucket, Key }, http) => s3.listMultipartUploads({ Bucket, Prefix: Key }, http),
    // A store, or a permission, without this question: begin anew.
    ({ status, name: reason }) => (status === 501 || ['NotImplemented', 'AccessDenied', 'MethodNotAllowed'].includes(reason) ? 'untold' : undefined),
  );
  if (answer === 'untold') {
    store.habits.tellsUnfinished = false;
    return undefined;
  }
  const key = keyOf(store.address.prefix, name);
  const uploads = (answer.Uploads ?? []).filter(({ Key, ChecksumAlgorithm }) => Key === key && (!store.habits.checksums || ChecksumAlgorithm === undefined || ChecksumAlgorithm === 'SHA256'));
  let best: { readonly upload: string; readonly parts: ReadonlyMap<number, StoredPart> } | undefined;
  for (const { UploadId } of uploads.slice(0, MOST_UNFINISHED)) {
    if (UploadId === undefined) continue;
    const parts = await storedParts(store, name, UploadId, file);
    if (parts !== undefined && parts.size > (best?.parts.size ?? 0)) best = { upload: UploadId, parts };
  }
  return best;
}

/** The parts of an unfinished upload that are the file's. */
async function storedParts(store: Store, name: string, upload: string, file: HashedFile): Promise<ReadonlyMap<number, StoredPart> | undefined> {
  const found = new Map<number, StoredPart>();
  for (let marker: string | undefined; ; ) {
    const page = await store.ask(
      'ListParts', name,
      (s3, target, http) => s3.listParts({ ...target, UploadId: upload, ...(marker !== undefined && { PartNumberMarker: marker }) }, http),
      (answer) => isGone(answer) ?? (answer.name === 'AccessDenied' || answer.status === 501 ? gone : undefined),
    );
    if (page === gone) return undefined;
    for (const part of page.Parts ?? []) {
      const own = file.parts[(part.PartNumber ?? 0) - 1];
      if (own === undefined || !isSame(part, own) || part.ETag === undefined) continue;
      found.set(own.number, { PartNumber: own.number, ETag: part.ETag, ...(store.habits.checksums && { ChecksumSHA256: own.sha256 }) });
    }
    if (page.IsTruncated !== true || page.NextPartNumberMarker === undefined) return found;
    marker = page.NextPartNumberMarker;
  }
}

function isSame({ Size, ETag, ChecksumSHA256 }: Part, own: PartHash): boolean {
  if (Size !== own.bytes) return false;
  return ChecksumSHA256 === undefined ? plainEtag(ETag) === own.md5 : ChecksumSHA256 === own.sha256;
}
