import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { InputError } from '../errors.js';

const MIB = 2 ** 20;
/** Files above this go up in parts of this size; a kill costs at most the parts under way. */
export const PART_BYTES = 8 * MIB;
const MOST_PARTS = 10_000;
const PIECE_BYTES = MIB;

/** What is known of one part of a file before it is sent. */
export interface PartHash {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
  /** Base64, as stores write it. */
  readonly sha256: string;
  /** Hexadecimal: what a store's ETag of an unencrypted or AES256-encrypted part is. */
  readonly md5: string;
}

export interface HashedFile {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal, of the whole file. */
  readonly sha256: string;
  /** One part for a file that is sent in one piece, which may be empty. */
  readonly parts: readonly PartHash[];
}

/** Bytes of each part but the last, from the file's size alone, so that a later run cuts it the same way. */
export function partBytesOf(bytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS / MIB) * MIB);
}

/**
 * SHA-256 of a file, and of each of its parts, in one reading.
 * @throws InputError `file-missing`
 */
export async function hashParts(path: string, { signal, onBytes }: { readonly signal?: AbortSignal | undefined; readonly onBytes?: (bytes: number) => void } = {}): Promise<HashedFile> {
  const file = await openToRead(path);
  try {
    const { size } = await file.stat();
    const partBytes = partBytesOf(size);
    const whole = createHash('sha256');
    const parts: PartHash[] = [];
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(size, 1)));
    let offset = 0;
    do {
      const end = Math.min(size, offset + partBytes);
      const sha256 = createHash('sha256');
      const md5 = createHash('md5');
      const from = offset;
      while (offset < end) {
        signal?.throwIfAborted();
        const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, end - offset), offset);
        if (bytesRead === 0) throw fileChanged(path);
        const read = piece.subarray(0, bytesRead);
        whole.update(read);
        sha256.update(read);
        md5.update(read);
        offset += bytesRead;
        onBytes?.(bytesRead);
      }
      parts.push({ number: parts.length + 1, offset: from, bytes: end - from, sha256: sha256.digest('base64'), md5: md5.digest('hex') });
    } while (offset < size);
    return { path, bytes: size, sha256: whole.digest('hex'), parts };
  } finally {
    await file.close();
  }
}

/**
 * A part's bytes, which must be those that were hashed.
 * @throws InputError `export-file-changed`, `file-missing`
 */
export async function readPart(path: string, part: PartHash): Promise<Buffer> {
  const file = await openToRead(path);
  try {
    const body = Buffer.allocUnsafe(part.bytes);
    for (let filled = 0; filled < part.bytes; ) {
      const { bytesRead } = await file.read(body, filled, part.bytes - filled, part.offset + filled);
      if (bytesRead === 0) throw fileChanged(path);
      filled += bytesRead;
    }
    if (createHash('sha256').update(body).digest('base64') !== part.sha256) throw fileChanged(path);
    return body;
  } finally {
    await file.close();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { code: 'file-missing', place: { file: path }, hint: 'check its name and permissions', cause });
  }
}

function fileChanged(path: string): InputError {
  return new InputError(`${path} changed while it was being exported`, { code: 'export-file-changed', place: { file: path }, hint: 'wait until nothing writes to it, then export again' });
}
