import { createHash } from 'node:crypto';
import type { Weights } from '../checkpoint.js';

/** The key of `__metadata__` under which crpbot's manifest stands. */
export const DESCRIPTION = 'crpbot';

/** SHA-256, hex, over name, shape and float32 numbers of every weight, by name: the same whatever file held them. */
export function weightsSha256(weights: Weights): string {
  const hash = createHash('sha256');
  for (const name of [...weights.keys()].sort()) {
    const tensor = weights.get(name);
    if (tensor === undefined) continue;
    const { shape, data } = tensor;
    hash.update(`${JSON.stringify([name, shape])}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
