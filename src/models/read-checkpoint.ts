import { createHash } from 'node:crypto';
import { readFileSync, statSync, type Stats } from 'node:fs';
import { InputError } from '../errors.js';
import type { Architecture } from './architecture.js';
import type { Checkpoint, CheckpointFormat } from './checkpoint.js';
import { describeArchitecture, type ArchitectureOptions, type DescribedArchitecture } from './describe-architecture.js';
import { recognizeFormat } from './recognize-format.js';
import { readPytorch } from './pytorch/read-pytorch.js';
import { corruptCheckpoint } from './refusals.js';
import { readSafetensors } from './safetensors/read-safetensors.js';
import type { StoredModel } from './stored-model.js';

/** Node's limit of one read. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * Reads a checkpoint: PyTorch's zip or old format, or safetensors, told by content and not by name. Nothing of the
 * file is executed; every weight is present, of the right shape and finite, or the file is refused.
 * @throws InputError `file-missing`, `not-a-file`, `cannot-read`, `empty-file`, `onnx-model`, `not-a-checkpoint`,
 * `truncated-checkpoint`, `corrupt-checkpoint`, `unsafe-checkpoint`, `unsupported-checkpoint`, `unsupported-tensor`,
 * and those of {@link describeArchitecture}.
 */
export function readCheckpoint(file: string, options: ArchitectureOptions = {}): Checkpoint {
  if (/\.onnx$/i.test(file)) {
    throw new InputError(`${file} is an ONNX model, which has no weights by PyTorch's names`, {
      code: 'onnx-model',
      place: { file },
      hint: 'an ONNX model is run as it is; to convert, give the .pt or .safetensors it was made from',
    });
  }
  return parseCheckpoint(readBytes(file), file, options);
}

/** {@link readCheckpoint} of bytes already in memory. */
export function parseCheckpoint(bytes: Uint8Array, file: string, options: ArchitectureOptions = {}): Checkpoint {
  const format = recognizeFormat(bytes, file);
  const stored = readStored(bytes, file, format);
  const { architecture, assumed } = describeStored(stored, file, options);
  return {
    architecture,
    weights: stored.weights,
    manifest: stored.manifest,
    format,
    file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    assumed: [...stored.assumed, ...assumed],
  };
}

function readStored(bytes: Uint8Array, file: string, format: CheckpointFormat): StoredModel {
  return format === 'safetensors' ? readSafetensors(bytes, file) : readPytorch(bytes, file, format);
}

function describeStored(stored: StoredModel, file: string, options: ArchitectureOptions): DescribedArchitecture {
  const { weights, otherTensors, architecture: said } = stored;
  if (said === undefined) return describeArchitecture(weights, { ...options, file, otherTensors });
  const asStored = said.kind === 'lstm' ? { head: said.head } : said.kind === 'transformer' ? { heads: said.heads } : {};
  const { architecture } = describeArchitecture(weights, { ...asStored, file, otherTensors });
  if (!sameArchitecture(architecture, said)) {
    throw corruptCheckpoint(file, `its manifest says ${JSON.stringify(said)} and its weights are ${JSON.stringify(architecture)}`);
  }
  return { architecture: withOptions(said, file, options), assumed: [] };
}

function sameArchitecture(a: Architecture, b: Architecture): boolean {
  const fields = (each: Architecture): string => JSON.stringify(Object.entries(each).sort(([x], [y]) => (x < y ? -1 : 1)));
  return fields(a) === fields(b);
}

/** A given head replaces the stored one: that is how its numbers are compared. Given heads must be the stored ones. */
function withOptions(said: Architecture, file: string, { head, heads }: ArchitectureOptions): Architecture {
  if (said.kind === 'lstm') return { ...said, head: head ?? said.head };
  if (said.kind === 'transformer' && heads !== undefined && heads !== said.heads) {
    throw new InputError(`${file} was made with ${said.heads} attention heads, and ${heads} are asked for`, {
      code: 'heads-do-not-fit',
      place: { file },
      hint: 'leave --heads away: the file says it',
    });
  }
  return said;
}

function readBytes(file: string): Uint8Array {
  let status: Stats;
  try {
    status = statSync(file);
  } catch (cause) {
    throw new InputError(`${file} does not exist`, { code: 'file-missing', place: { file }, hint: 'check the name', cause });
  }
  if (!status.isFile()) {
    throw new InputError(`${file} is ${status.isDirectory() ? 'a folder' : 'not a file'}, not a checkpoint`, {
      code: 'not-a-file',
      place: { file },
      hint: 'give a checkpoint file (.pt, .pth, .safetensors)',
    });
  }
  if (status.size > LARGEST_FILE) {
    throw new InputError(`${file} has ${status.size} bytes; models of the known architectures have a few million`, {
      code: 'not-a-checkpoint',
      place: { file },
      hint: 'save the state dict alone, without the optimizer',
    });
  }
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot read ${file}: ${reason}`, { code: 'cannot-read', place: { file }, hint: 'check its permissions', cause });
  }
}
