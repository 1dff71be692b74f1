import { createHash } from 'node:crypto';
import type { TrainingExamples } from './training-examples.js';

/** SHA-256, hex, of all that a training learns from: two runs with the same hash saw the same numbers. */
export function examplesSha256(examples: TrainingExamples): string {
  const { rows, label, weight, ends, rowCount, featureCount, length, unscored } = examples;
  const hash = createHash('sha256').update(JSON.stringify({ rowCount, featureCount, length, unscored }));
  for (const { buffer, byteOffset, byteLength } of [rows, label, weight, ends]) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
