import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeError } from '../../src/storage/download-file.js';
import { hashParts, PART_BYTES, partBytesOf, readPart } from '../../src/storage/hash-parts.js';
import { compareObject } from '../../src/storage/verify-object.js';
import { seededBytes } from '../support/seeded-bytes.js';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hash = (algorithm: string, bytes: Buffer): Buffer => createHash(algorithm).update(bytes).digest();

describe('the parts of a file', () => {
  it('hold all its bytes once, at most 10,000 of them', () => {
    for (const bytes of [0, 1, PART_BYTES, PART_BYTES + 1, 10_000 * PART_BYTES, 10_000 * PART_BYTES + 1, 5 * 2 ** 40]) {
      expect(Math.ceil(bytes / partBytesOf(bytes))).toBeLessThanOrEqual(10_000);
      expect(partBytesOf(bytes)).toBeGreaterThanOrEqual(PART_BYTES);
    }
  });

  it('are hashed as they are read, and a part that changed since is refused', async () => {
    const content = seededBytes(2 * PART_BYTES + 10, 1);
    const path = join(folder, 'large.bin');
    writeFileSync(path, content);
    const file = await hashParts(path);
    expect(file.sha256).toBe(hash('sha256', content).toString('hex'));
    expect(file.parts.map(({ offset, bytes }) => [offset, bytes])).toEqual([[0, PART_BYTES], [PART_BYTES, PART_BYTES], [2 * PART_BYTES, 10]]);
    for (const part of file.parts) {
      const body = await readPart(path, part);
      expect(body.equals(content.subarray(part.offset, part.offset + part.bytes))).toBe(true);
      expect([part.sha256, part.md5]).toEqual([hash('sha256', body).toString('base64'), hash('md5', body).toString('hex')]);
    }
    truncateSync(path, 2 * PART_BYTES + 9);
    await expect(readPart(path, file.parts[2])).rejects.toMatchObject({ code: 'export-file-changed' });
  });
});

describe('what a store says of an object', () => {
  it('is compared by SHA-256, whole or over the parts, else by MD5', async () => {
    const content = seededBytes(PART_BYTES + 10, 2);
    const path = join(folder, 'two-parts.bin');
    writeFileSync(path, content);
    const file = await hashParts(path);
    const pieces = [content.subarray(0, PART_BYTES), content.subarray(PART_BYTES)];
    const composite = hash('sha256', Buffer.concat(pieces.map((piece) => hash('sha256', piece)))).toString('base64');
    const etag = hash('md5', Buffer.concat(pieces.map((piece) => hash('md5', piece)))).toString('hex');
    const head = { ContentLength: content.length };
    expect(compareObject({ ...head, ChecksumSHA256: `${composite}-2` }, file)).toBe('sha256');
    expect(compareObject({ ...head, ChecksumSHA256: hash('sha256', content).toString('base64') }, file)).toBe('sha256');
    expect(compareObject({ ...head, ETag: `"${etag}-2"` }, file)).toBe('md5');
    expect(compareObject({ ...head, ChecksumSHA256: `${composite.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}-2`, ETag: `"${etag}-2"` }, file)).toBe('differs');
    expect(compareObject({ ...head, ChecksumSHA256: `${composite}-3`, ETag: '"opaque"' }, file)).toBe('unknown');
    expect(compareObject({ ContentLength: content.length - 1, ETag: `"${etag}-2"` }, file)).toBe('differs');
  });
});

it('a full disk is told as such', () => {
  const full = openSync('/dev/full', 'w');
  let thrown: unknown;
  try {
    writeSync(full, 'x');
  } catch (error) {
    thrown = error;
  }
  expect(writeError('out/a.csv', thrown)).toMatchObject({ code: 'import-no-room', message: 'no room left for out/a.csv' });
});
