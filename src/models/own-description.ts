import type { Manifest, Weights } from './checkpoint.js';
import { corruptCheckpoint } from './refusals.js';
import { descriptionFromJson, type Description } from './safetensors/manifest-json.js';
import { weightsSha256 } from './safetensors/weights-hash.js';

/**
 * What a file that crpbot wrote says of itself, held against the weights that came with it.
 * @throws InputError `corrupt-checkpoint` when they are not the weights it was written with
 */
export function readOwnDescription(text: string, weights: Weights, file: string): Description {
  const description = descriptionFromJson(text, file);
  if (description.weightsSha256 !== weightsSha256(weights)) {
    throw corruptCheckpoint(file, 'its weights are not those it was written with (their SHA-256 differs)');
  }
  checkManifest(description.manifest, description.architecture.inputSize, file);
  return description;
}

/** Columns and scaler belong to the model's inputs, one each. */
function checkManifest({ columns, scaler }: Manifest, inputSize: number, file: string): void {
  for (const [name, length] of [['columns', columns?.length], ['scaler', scaler?.mean.length]] as const) {
    if (length !== undefined && length !== inputSize) {
      throw corruptCheckpoint(file, `the crpbot manifest has ${length} ${name} for ${inputSize} inputs`);
    }
  }
}
