import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { HashedFile } from './hash-parts.js';

/** How a stored object was found to be the file: by the store's SHA-256, by its MD5 (ETag), by reading it back, or by the export's record of its ETag. */
export type Verification = 'sha256' | 'md5' | 'read-back' | 'recorded';

type ObjectHead = Pick<HeadObjectCommandOutput, 'ContentLength' | 'ChecksumSHA256' | 'ETag'>;

/**
 * Compares what the store says of an object with the file. `unknown`: same size, and no checksum that could be
 * compared (an ETag under KMS is no MD5; a store may know no SHA-256; it may have been cut into other parts).
 */
export function compareObject(head: ObjectHead, file: HashedFile): 'sha256' | 'md5' | 'differs' | 'unknown' {
  if (head.ContentLength !== file.bytes) return 'differs';
  const own = checksumsOf(file);
  if (head.ChecksumSHA256 !== undefined) {
    if (own.sha256.includes(head.ChecksumSHA256)) return 'sha256';
    if (sameCut(head.ChecksumSHA256, file)) return 'differs';
  }
  return plainEtag(head.ETag) === own.etag ? 'md5' : 'unknown';
}

/** An ETag without its quotation marks. */
export function plainEtag(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, '').replaceAll('"', '');
}

/**
 * What a store computes for the file: of a whole object base64 SHA-256 and MD5; of one made of n parts the hash over
 * the parts' hashes, followed by `-n` (Amazon S3 User Guide, "Checking object integrity"). Some stores give the
 * composite without `-n`, some the whole object's.
 */
function checksumsOf({ sha256, parts }: HashedFile): { readonly sha256: readonly string[]; readonly etag: string } {
  const whole = Buffer.from(sha256, 'hex').toString('base64');
  if (parts.length === 1) return { sha256: [whole], etag: parts[0]?.md5 ?? '' };
  const over = (algorithm: string, hashes: readonly Buffer[]): Buffer => createHash(algorithm).update(Buffer.concat(hashes)).digest();
  const composite = over('sha256', parts.map((part) => Buffer.from(part.sha256, 'base64'))).toString('base64');
  const etag = over('md5', parts.map((part) => Buffer.from(part.md5, 'hex'))).toString('hex');
  return { sha256: [`${composite}-${parts.length}`, composite, whole], etag: `${etag}-${parts.length}` };
}

/** Whether a checksum was taken over as many parts as the file has, so that another value means another content. */
function sameCut(checksum: string, { parts }: HashedFile): boolean {
  const [, cut] = /-(\d+)$/.exec(checksum) ?? [];
  return cut === undefined ? parts.length === 1 : Number(cut) === parts.length && parts.length > 1;
}
