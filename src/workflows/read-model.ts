import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError } from '../errors.js';
import type { LstmHead } from '../models/architecture.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { describeOnnx, type OnnxModel } from '../models/onnx-file.js';
import { readCheckpoint } from '../models/read-checkpoint.js';
import { hashFile } from '../tables/hash-file.js';

export interface ReadModelOptions {
  readonly head?: LstmHead | undefined;
  readonly heads?: number | undefined;
}

/**
 * Reads a model file of any kind: PyTorch, safetensors, ONNX.
 * @throws InputError what the readers throw, naming the file and, where one is at fault, the tensor
 */
export function readModel(file: string, options: ReadModelOptions = {}): Checkpoint | OnnxModel {
  if (extname(file).toLowerCase() !== '.onnx') return readCheckpoint(file, options);
  if (options.head !== undefined || options.heads !== undefined) {
    throw new InputError(`${file} is a graph: its heads cannot be changed`, { code: 'option-does-not-fit', place: { file }, hint: 'leave --head and --heads out, or give the .pt or .safetensors' });
  }
  const sha256 = hashFile(file);
  return describeOnnx(readFileSync(file), file, sha256);
}
