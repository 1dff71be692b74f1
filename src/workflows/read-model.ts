import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError } from '../errors.js';
import type { LstmHead } from '../models/architecture.js';
import type { Checkpoint } from '../models/checkpoint.js';
import type { Model } from '../models/model.js';
import { describeOnnx } from '../models/onnx-file.js';
import { readCheckpoint } from '../models/read-checkpoint.js';
import { hashFile } from '../tables/hash-file.js';

export interface ReadModelOptions {
  readonly head?: LstmHead | undefined;
  readonly heads?: number | undefined;
}

/**
 * Reads a model file of any kind: PyTorch, safetensors, ONNX.
 * @throws InputError `option-does-not-fit`; what the readers throw, naming the file and, where one is at fault, the tensor
 */
export function readModel(file: string, options: ReadModelOptions = {}): Model {
  if (extname(file).toLowerCase() !== '.onnx') return readWeights(file, options);
  if (options.head !== undefined || options.heads !== undefined) {
    throw new InputError(`${file} is a graph: its heads cannot be changed`, { code: 'option-does-not-fit', place: { file }, hint: 'leave --head and --heads out, or give the .pt or .safetensors' });
  }
  const sha256 = hashFile(file);
  return describeOnnx(readFileSync(file), file, sha256);
}

/**
 * A checkpoint of weights, read with options that fit it.
 * @throws InputError `option-does-not-fit`; what `readCheckpoint` throws
 */
export function readWeights(file: string, options: ReadModelOptions = {}): Checkpoint {
  const checkpoint = readCheckpoint(file, options);
  const { kind } = checkpoint.architecture;
  if (kind === 'lstm' && options.heads !== undefined) throw doesNotFit(file, 'an LSTM, which has no attention heads', '--heads');
  if (kind === 'tcn' && (options.head ?? options.heads) !== undefined) throw doesNotFit(file, 'a TCN, which has no heads to choose', options.head === undefined ? '--heads' : '--head');
  if (kind === 'transformer' && options.head !== undefined) throw doesNotFit(file, 'a Transformer, which is always read at its last step', '--head');
  return checkpoint;
}

function doesNotFit(file: string, what: string, option: string): InputError {
  return new InputError(`${file} is ${what}: ${option} does not fit it`, {
    code: 'option-does-not-fit',
    place: { file },
    hint: `leave ${option} out, or give it with the models it is for, in a run of their own`,
  });
}
