import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { TemporaryError } from '../errors.js';
import { addressText } from './address.js';
import type { HashedFile } from './hash-parts.js';
import type { Store } from './store.js';
import type { StoreAnswer } from './store-error.js';
import { compareObject, plainEtag, type Verification } from './verify-object.js';

/** An object that was found to be the file. */
export interface VerifiedObject {
  readonly etag: string | undefined;
  readonly verification: Verification;
}

const absent = 'absent';

/** What the store says of a file's object; undefined when there is none. */
export async function headObject(store: Store, name: string): Promise<HeadObjectCommandOutput | undefined> {
  const found = await store.ask(
    'HeadObject', name,
    async (s3, target, http) => {
      try {
        return await s3.headObject({ ...target, ChecksumMode: 'ENABLED' }, http);
      } catch (error) {
        // An answer without a body cannot say why; the same question as GET can.
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
        if (status !== 400 && status !== 403) throw error;
        await s3.getObject({ ...target, Range: 'bytes=0-0' }, http);
        throw error;
      }
    },
    isMissing,
  );
  return found === absent ? undefined : found;
}

/** For `ask`: a missing object is an answer, not an error. */
export function isMissing({ name, status }: StoreAnswer): typeof absent | undefined {
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && name !== 'NoSuchBucket') ? absent : undefined;
}

/**
 * Whether the store holds the file already. Without comparable checksums the record of an earlier export decides: same
 * SHA-256 then, same ETag since.
 */
export async function findUnchanged(store: Store, name: string, file: HashedFile, recorded: { readonly sha256: string; readonly etag?: string | undefined } | undefined): Promise<VerifiedObject | undefined> {
  const head = await headObject(store, name);
  if (head === undefined || !isEncryptedAsAsked(store, head)) return undefined;
  const etag = plainEtag(head.ETag);
  const found = compareObject(head, file);
  if (found === 'sha256' || found === 'md5') return { etag, verification: found };
  const sameAsRecorded = recorded?.sha256 === file.sha256 && recorded.etag !== undefined && recorded.etag === etag;
  return found === 'unknown' && sameAsRecorded ? { etag, verification: 'recorded' } : undefined;
}

/**
 * Asks the store what it holds now, and reads it back where it names no checksum that can be compared.
 * @throws TemporaryError `export-not-verified`
 */
export async function verifyUploaded(store: Store, name: string, file: HashedFile): Promise<VerifiedObject> {
  const head = await headObject(store, name);
  const found = head === undefined ? 'differs' : compareObject(head, file);
  const etag = plainEtag(head?.ETag);
  if (found === 'sha256' || found === 'md5') return { etag, verification: found };
  if (found === 'unknown' && (await hashStored(store, name)) === file.sha256) return { etag, verification: 'read-back' };
  const held = head === undefined ? 'nothing' : head.ContentLength === file.bytes ? 'other content' : `${head.ContentLength ?? '?'} bytes of ${file.bytes}`;
  throw new TemporaryError(`${addressText(store.address, name)} is not what was uploaded: the store holds ${held}`, {
    code: 'export-not-verified',
    place: { file: file.path },
    hint: 'run the same command again; another program may write to the same place',
  });
}

/** False only where a KMS key was asked for and the object has none, or another one. An alias cannot be compared. */
export function isEncryptedAsAsked({ kmsKey }: Store, head: Pick<HeadObjectCommandOutput, 'ServerSideEncryption' | 'SSEKMSKeyId'>): boolean {
  if (kmsKey === undefined) return true;
  if (head.ServerSideEncryption === undefined || !head.ServerSideEncryption.startsWith('aws:kms')) return false;
  const id = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
  return kmsKey.includes('alias/') || head.SSEKMSKeyId === undefined || id(head.SSEKMSKeyId) === id(kmsKey);
}

/** SHA-256 of an object, read whole, in hexadecimal. */
function hashStored(store: Store, name: string): Promise<string> {
  return store.ask('GetObject', name, async (s3, target, http) => {
    const { Body } = await s3.getObject(target, http);
    const sha256 = createHash('sha256');
    for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) sha256.update(chunk);
    return sha256.digest('hex');
  });
}
