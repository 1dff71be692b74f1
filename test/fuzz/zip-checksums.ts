import { crc32 } from 'node:zlib';

/**
 * The same bytes with the checksum of every stored zip entry made to fit its content, where the archive still holds
 * together that far: otherwise checksums would keep every damaged pickle and tensor from the reader.
 */
export function withValidChecksums(bytes: Uint8Array): Uint8Array {
  const repaired = Buffer.from(bytes);
  const end = repaired.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + 20 > repaired.length) return repaired;
  let at = repaired.readUInt32LE(end + 16);
  while (at + 46 <= repaired.length && repaired.readUInt32LE(at) === 0x02014b50) {
    const local = repaired.readUInt32LE(at + 42);
    const size = repaired.readUInt32LE(at + 20);
    if (local + 30 <= repaired.length) {
      const start = local + 30 + repaired.readUInt16LE(local + 26) + repaired.readUInt16LE(local + 28);
      if (start + size <= repaired.length) repaired.writeUInt32LE(crc32(repaired.subarray(start, start + size)), at + 16);
    }
    at += 46 + repaired.readUInt16LE(at + 28) + repaired.readUInt16LE(at + 30) + repaired.readUInt16LE(at + 32);
  }
  return repaired;
}
