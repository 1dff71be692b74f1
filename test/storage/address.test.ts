import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addressText, keyOf, parseBucketAddress, whyUnsafe } from '../../src/storage/address.js';

it('reads bucket and folder', () => {
  expect(parseBucketAddress('s3://my-bucket/runs/one/')).toEqual({ bucket: 'my-bucket', prefix: 'runs/one' });
  expect(parseBucketAddress('s3://my-bucket')).toEqual({ bucket: 'my-bucket', prefix: '' });
  expect(addressText({ bucket: 'b', prefix: 'p' }, 'a/c')).toBe('s3://b/p/a/c');
  expect(keyOf('', 'a')).toBe('a');
});

it('refuses what is no place in a bucket', () => {
  for (const text of ['bucket/x', 'https://bucket.s3.amazonaws.com/x', 's3://', 's3:///x', 's3://b', 's3://bucket/../x', 's3://bucket/a//b', 's3://bu cket/x', 's3://bucket/x?versionId=1', '', 's3:/bucket/x', 's3://key:secret@bucket/x']) {
    expect(() => parseBucketAddress(text), text).toThrow(expect.objectContaining({ code: 'bucket-url' }) as Error);
  }
});

it('lets no name through that leaves the folder', () => {
  const piece = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'C:', '/', '\\', '\0', '...', '~', '%2e%2e'), fc.string({ unit: 'binary', maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('/')), (name) => {
      if (whyUnsafe(name) !== undefined) return;
      const inside = relative('/folder', resolve('/folder', name));
      expect(inside.startsWith('..') && !inside.startsWith('...')).toBe(false);
      expect(inside).toBe(name);
      expect(join('/folder', name)).toBe(`/folder/${name}`);
    }),
    { numRuns: 2000 },
  );
});
