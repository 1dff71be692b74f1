import { createHash } from 'node:crypto';

/** Bytes that look random and are the same for a seed. */
export function seededBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const block = createHash('sha256').update(`seed ${seed}`).digest();
  for (let at = 0; at < length; at += block.length) {
    block.copy(bytes, at, 0, Math.min(block.length, length - at));
    block.writeUInt32LE((block.readUInt32LE(0) + 0x9e3779b9) >>> 0, 0);
    block.writeUInt32LE(at >>> 0, 4);
  }
  return bytes;
}
