import type { Scaler } from '../datasets/scaler.js';
import type { WindowMode } from '../datasets/windows.js';
import { InputError } from '../errors.js';
import type { Alignment, FeatureSet } from '../features/feature-set.js';
import { FEATURE_SETS, featureSet } from '../features/feature-sets.js';
import type { Manifest } from '../models/checkpoint.js';
import type { Architecture } from '../models/architecture.js';
import type { Model } from '../models/model.js';
import { receptiveField } from '../models/tcn.js';
import { DEFAULT_WINDOW, DEFAULTS, FEATURE_SET_BY_INPUTS, type EvaluateOptions } from './evaluate-options.js';

const TOLD_BY_FILE = { featureSet: 'feature set', alignment: 'alignment', windowLength: 'window length', windowMode: 'window mode', horizon: 'horizon' } as const;

/** How a model's inputs are made: from its file, else from an option, else from the printed rule, then listed in `assumed`. */
export interface ModelSettings {
  /** The model's file. */
  readonly file: string;
  readonly featureSet: FeatureSet;
  readonly windowLength: number;
  readonly windowMode: WindowMode;
  readonly horizon: number;
  /** The training rows' z-score, when the model brought it. */
  readonly scaler?: Scaler;
  readonly assumed: readonly string[];
}

/**
 * @throws InputError `option-does-not-fit` when an option contradicts the file, `no-feature-set` when none has as many
 *   columns as the model has inputs, `columns-differ` when the file lists other columns than its feature set
 */
export function resolveSettings(model: Model, options: EvaluateOptions): ModelSettings {
  const { manifest, file } = model;
  const assumed = [...model.assumed];
  checkAgainstManifest(manifest, options, file);
  const resolve = <T extends string | number>(name: string, inFile: T | undefined, option: T | undefined, rule: T): T => {
    if (inFile === undefined && option === undefined) assumed.push(`${name} ${rule}`);
    return inFile ?? option ?? rule;
  };

  const inputs = 'architecture' in model ? model.architecture.inputSize : model.inputSize;
  const set = resolve('feature set', manifest.featureSet, options.featureSet, setForInputs(inputs, file, options.featureSet ?? manifest.featureSet));
  const alignment = resolve('alignment', manifest.alignment, options.alignment, DEFAULTS.alignment);
  const resolvedSet = knownSet(set, alignment, file);
  if (inputs !== undefined && inputs !== resolvedSet.columns.length) {
    throw new InputError(`${file} has ${inputs} inputs, ${set} has ${resolvedSet.columns.length} columns: they cannot meet`, {
      code: 'option-does-not-fit',
      place: { file },
      hint: `use a feature set of ${inputs} columns, or another model`,
    });
  }
  if (manifest.columns !== undefined) requireSameColumns(manifest.columns, resolvedSet, file);
  if (manifest.featureSet === undefined && manifest.columns === undefined) assumed.push(`column order of ${set} ${alignment}`);

  const lengthInFile = manifest.windowLength ?? lengthSaidByModel(model);
  checkAgainstManifest(lengthInFile === undefined ? {} : { windowLength: lengthInFile }, options, file);
  return {
    file,
    featureSet: resolvedSet,
    windowLength: resolve('window length', lengthInFile, options.windowLength, 'architecture' in model ? defaultWindow(model.architecture) : DEFAULT_WINDOW.onnx),
    windowMode: resolve('window mode', manifest.windowMode, options.windowMode, DEFAULTS.windowMode),
    horizon: resolve('horizon', manifest.horizon, options.horizon, DEFAULTS.horizon),
    ...scalerOf(model, resolvedSet, assumed),
    assumed,
  };
}

/** Rows a window holds where nothing says it: by the printed rule; a TCN's weights themselves say it. */
export function defaultWindow(architecture: Architecture): number {
  return architecture.kind === 'tcn' ? receptiveField(architecture) : DEFAULT_WINDOW[architecture.kind];
}

function lengthSaidByModel(model: Model): number | undefined {
  if ('architecture' in model) return model.architecture.kind === 'tcn' ? receptiveField(model.architecture) : undefined;
  return model.windowLength;
}

/** @throws InputError `option-does-not-fit` when an option says other than the model's file */
export function checkAgainstManifest(manifest: Manifest, options: { readonly [K in keyof typeof TOLD_BY_FILE]?: string | number | undefined }, file: string): void {
  for (const [key, name] of Object.entries(TOLD_BY_FILE) as [keyof typeof TOLD_BY_FILE, string][]) {
    const [inFile, option] = [manifest[key], options[key]];
    if (inFile === undefined || option === undefined || inFile === option) continue;
    throw new InputError(`${file} was made with ${name} ${inFile}, not ${option}`, { code: 'option-does-not-fit', place: { file }, hint: `leave the option for ${name} out` });
  }
}

function scalerOf({ manifest, file }: Model, set: FeatureSet, assumed: string[]): { readonly scaler?: Scaler } {
  if (manifest.scaler === undefined) {
    assumed.push('scaler fitted on the training rows of this data');
    return {};
  }
  const { mean, std } = manifest.scaler;
  if (mean.length !== set.columns.length || std.length !== set.columns.length || !std.every((value) => value > 0)) {
    throw new InputError(`${file}: its scaler has ${mean.length} means and ${std.length} deviations for ${set.columns.length} columns`, {
      code: 'bad-scaler',
      place: { file },
      hint: 'every column needs a mean and a deviation above 0: write the checkpoint again',
    });
  }
  return { scaler: { mean: Float64Array.from(mean), std: Float64Array.from(std) } };
}

/** @throws InputError `unknown-feature-set`, `unknown-alignment`, naming the model whose file or options say so */
function knownSet(name: string, alignment: Alignment, file: string): FeatureSet {
  try {
    return featureSet(name, alignment);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(`${file}: ${cause.message}`, { code: cause.code, place: { file }, hint: hintOf(cause), cause });
  }
}

function hintOf({ code, hint = 'choose another' }: InputError): string {
  return code === 'unknown-feature-set' ? `${hint}; a set of your own is known by its file: --feature-set ./my-features.ts` : hint;
}

function setForInputs(inputs: number | undefined, file: string, named: string | undefined): string {
  if (named !== undefined) return named;
  const set = inputs === undefined ? undefined : FEATURE_SET_BY_INPUTS[inputs];
  if (set !== undefined) return set;
  const known = Object.entries(FEATURE_SET_BY_INPUTS).map(([columns, name]) => `${columns} -> ${name}`);
  const notebooks = inputs === 36 || inputs === 47 ? "; the original's notebooks list 47 columns of which 36 exist, so a model built by them fits no file" : '';
  throw new InputError(`${file} has ${inputs ?? 'an unstated number of'} inputs; no feature set has as many columns (${known.join(', ')})${notebooks}`, {
    code: 'no-feature-set',
    place: { file },
    hint: inputs === undefined ? 'name it with --feature-set' : 'take a model that was trained on one of these sets, or give the file of your own set: --feature-set ./my-features.ts',
  });
}

function requireSameColumns(columns: readonly string[], set: FeatureSet, file: string): void {
  const sameOrder = columns.length === set.columns.length && columns.every((name, index) => name === set.columns[index]);
  if (sameOrder) return;
  const missing = set.columns.filter((name) => !columns.includes(name));
  const unknown = columns.filter((name) => !set.columns.includes(name));
  const otherOrder = FEATURE_SETS.find((other) => other.columns.length === columns.length && other.columns.every((name, index) => name === columns[index]));
  const difference =
    missing.length + unknown.length === 0
      ? `the same columns in another order${otherOrder === undefined ? '' : ` (that of ${otherOrder.name} ${otherOrder.alignment})`}`
      : `missing ${missing.join(', ') || 'none'}; unknown ${unknown.join(', ') || 'none'}`;
  throw new InputError(`${file} was trained on other columns than ${set.name} ${set.alignment}: ${difference}`, {
    code: 'columns-differ',
    place: { file },
    hint: 'use the feature set and alignment it was trained on',
  });
}
