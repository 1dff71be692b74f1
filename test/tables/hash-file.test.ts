import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashFile } from '../../src/tables/hash-file.js';
import { scratchFolder } from './scratch-folder.js';

const folder = scratchFolder();

describe('hashFile', () => {
  // The examples of FIPS 180-2.
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('is SHA-256 (%#)', (text, expected) => {
    const file = join(folder, 'hashed');
    writeFileSync(file, text);
    expect(hashFile(file)).toBe(expected);
  });

  it('reads files of several pieces', () => {
    const file = join(folder, 'large');
    const bytes = Buffer.alloc(3 * 2 ** 20 + 1, 'piece');
    writeFileSync(file, bytes);
    expect(hashFile(file)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('names a file that is not there', () => {
    expect(() => hashFile(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'file-missing' }));
  });
});
