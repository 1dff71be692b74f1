import type { CheckpointFormat } from '../checkpoint.js';
import type { StoredModel } from '../stored-model.js';
import { readLegacyCheckpoint } from './legacy-checkpoint.js';
import { readStateDict } from './state-dict.js';
import { readZipCheckpoint } from './zip-checkpoint.js';

/**
 * The weights of a file written by `torch.save`, and the numbers its trainer recorded. Nothing of the file is executed.
 * @throws InputError `unsafe-checkpoint`, `truncated-checkpoint`, `corrupt-checkpoint`, `unsupported-checkpoint`,
 * `unsupported-tensor`, `not-a-checkpoint`.
 */
export function readPytorch(bytes: Uint8Array, file: string, format: Exclude<CheckpointFormat, 'safetensors'>): StoredModel {
  const pickled = format === 'pytorch-zip' ? readZipCheckpoint(bytes, file) : readLegacyCheckpoint(bytes, file);
  return readStateDict(pickled, file, bytes.byteLength);
}
