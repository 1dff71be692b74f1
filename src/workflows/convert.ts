import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { writeTextAtomically } from '../atomic-file.js';
import type { WindowMode } from '../datasets/windows.js';
import { InputError } from '../errors.js';
import type { Alignment } from '../features/feature-set.js';
import { featureSet } from '../features/feature-sets.js';
import type { Architecture, LstmHead } from '../models/architecture.js';
import type { Checkpoint, Manifest } from '../models/checkpoint.js';
import { receptiveField } from '../models/tcn.js';
import { checkAgainstManifest } from './model-settings.js';
import { readWeights } from './read-model.js';
import { encodeModel, type ModelFormat } from './training/write-model.js';

const TELLABLE = ['featureSet', 'alignment', 'windowLength', 'windowMode', 'horizon', 'scaler'] as const;

export interface ConvertOptions {
  readonly to: ModelFormat;
  readonly out?: string | undefined;
  readonly featureSet?: string | undefined;
  readonly alignment?: Alignment | undefined;
  readonly windowLength?: number | undefined;
  readonly windowMode?: WindowMode | undefined;
  readonly horizon?: number | undefined;
  readonly head?: LstmHead | undefined;
  readonly heads?: number | undefined;
}

export interface Converted {
  readonly file: string;
  /** There was a file of this name before. */
  readonly replaced: boolean;
  /** `lstm, 50 inputs, hidden 128, 3 layers`. */
  readonly description: string;
  /** What neither the model nor the options say, so the new file does not say it either. No option tells the scaler. */
  readonly open: readonly (typeof TELLABLE)[number][];
}

/**
 * Writes a checkpoint as safetensors or PyTorch's `.pt` with its manifest, or as ONNX (input `windows` `[batch, time, features]`, output `p`
 * `[batch, 1]`) with the manifest in its metadata. Options add what the file did not say.
 * @throws InputError `option-does-not-fit` when an option contradicts the file, `same-file`; what the reader throws
 */
export function convertModel(file: string, options: ConvertOptions): Converted {
  const checkpoint = readWeights(file, { head: options.head, heads: options.heads });
  const target = options.out ?? `${file.slice(0, file.length - extname(file).length)}.${options.to}`;
  const replaced = existsSync(target);
  if (replaced && resolve(target) === resolve(file)) {
    throw new InputError(`${target} is the model itself`, { code: 'same-file', place: { file }, hint: 'choose another file with --out' });
  }
  const manifest = completed(checkpoint, options);
  const told = { ...checkpoint, manifest };
  writeTextAtomically(target, encodeModel(options.to, told));
  const open = TELLABLE.filter((name) => manifest[name] === undefined);
  return { file: target, replaced, description: describe(checkpoint), open };
}

function completed(checkpoint: Checkpoint, options: ConvertOptions): Manifest {
  const { manifest, file } = checkpoint;
  const { featureSet: setName, alignment, windowLength, windowMode, horizon } = options;
  const given = Object.fromEntries(Object.entries({ featureSet: setName, alignment, windowLength, windowMode, horizon }).filter(([, value]) => value !== undefined));
  checkAgainstManifest(manifest, given, file);
  const told: Manifest = { ...manifest, ...given };
  if (told.featureSet === undefined || told.alignment === undefined || told.columns !== undefined) return told;
  const { columns } = featureSet(told.featureSet, told.alignment);
  if (columns.length !== checkpoint.architecture.inputSize) {
    throw new InputError(`${file} has ${checkpoint.architecture.inputSize} inputs, ${told.featureSet} has ${columns.length} columns`, {
      code: 'option-does-not-fit',
      place: { file },
      hint: 'name the feature set it was trained on',
    });
  }
  return { ...told, columns };
}

function describe({ architecture }: Checkpoint): string {
  const { kind, inputSize, layers } = architecture;
  return `${kind}, ${inputSize} inputs, ${sizeText(architecture)}, ${layers} layers`;
}

function sizeText(architecture: Architecture): string {
  if (architecture.kind === 'lstm') return `hidden ${architecture.hiddenSize}, head ${architecture.head}`;
  if (architecture.kind === 'tcn') return `${architecture.channels} channels, ${receptiveField(architecture)} rows`;
  return `size ${architecture.modelSize}, ${architecture.heads} heads`;
}
