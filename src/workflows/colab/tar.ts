/** A file of an archive. `path` has forward slashes and no leading one. */
export interface ArchivedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
/** Of a path that is not split, which the files of this project never need. */
const LONGEST_PATH = 100;

/**
 * A tar archive (POSIX ustar) with nothing in it but the files: no owner, no time, so that the same files give the same
 * bytes. @throws RangeError for a path above 100 bytes
 */
export function tar(files: readonly ArchivedFile[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { path, content } of files) {
    blocks.push(header(path, content.length), content, new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

function header(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > LONGEST_PATH) throw new RangeError(`${path} is longer than ${LONGEST_PATH} bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(path, 0);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
