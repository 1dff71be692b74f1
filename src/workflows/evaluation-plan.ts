import { basename, extname, join } from 'node:path';
import { listDataFiles } from '../candles/data-files.js';
import type { DataKind } from '../candles/symbols.js';
import { InputError } from '../errors.js';
import { recordFile } from '../features/feature-record.js';
import { projectRoot } from '../project-root.js';
import type { EvaluateOptions } from './evaluate-options.js';
import { findOwnData, holdsFiles } from './own-data.js';

/** Which model meets which data, by symbol. */
export interface EvaluationPlan {
  /** For the run's first line: `the committed sample (models/sample, data/sample)`. */
  readonly source: string;
  readonly symbols: readonly SymbolPlan[];
  /** Files that were found and not used, and why. */
  readonly ignored: readonly string[];
  readonly warnings: readonly string[];
}

export interface SymbolPlan {
  readonly symbol: string;
  readonly models: readonly string[];
  readonly features: readonly string[];
  readonly candles: readonly string[];
}

/** Of files with one stem, the first of these is read. */
const MODEL_PREFERENCE = ['.safetensors', '.pt', '.pth', '.onnx', '.json'];

type Inputs = Required<{ [K in 'models' | 'features' | 'candles']: readonly string[] }>;

/**
 * Finds models and data and pairs them by the symbol in their names. A model without data is an error where it was named
 * or asked for; one that was only found in models/new is left out with a warning.
 * @param asked canonical symbols; models of others need no data
 * @throws InputError `no-models`, `no-data`, `model-without-data`, and what `listDataFiles` throws
 */
export function planEvaluation(options: EvaluateOptions, asked?: readonly string[]): EvaluationPlan {
  const { inputs, source } = chooseInputs(options);
  const named = (options.models ?? []).length > 0;
  const ignored = new Map<string, string>();
  const sameModel = new Map<string, string>();
  const list = (paths: readonly string[], kind: DataKind): Map<string, readonly string[]> => {
    if (paths.length === 0) return new Map();
    const found = listDataFiles(paths, kind);
    for (const { file, reason } of found.ignored) ignored.set(file, [...new Set([ignored.get(file), reason])].filter((each) => each !== undefined).join(', '));
    return new Map(found.symbols.map(({ symbol, files }) => [symbol, files]));
  };
  const models = list(inputs.models, 'model');
  const features = list(inputs.features, 'features');
  const candles = list(inputs.candles, 'candles');
  const withData = [...new Set([...features.keys(), ...candles.keys()])].sort();

  const leftOut: string[] = [];
  const symbols = [...models].flatMap(([symbol, files]) => {
    if (!withData.includes(symbol)) {
      if (asked !== undefined && !asked.includes(symbol)) return [];
      if (!named && [...models.keys()].some((other) => withData.includes(other))) {
        leftOut.push(`${files.join(', ')}: no data for ${symbol}: left out`);
        return [];
      }
      throw new InputError(`${files.join(', ')}: no data for ${symbol} in ${[...inputs.features, ...inputs.candles].join(', ')}; there is data for ${withData.join(', ')}`, {
        code: 'model-without-data',
        place: { file: files[0] },
        hint: `add candles or features of ${symbol}, or leave the model out`,
      });
    }
    return [{ symbol, models: preferByStem(files, sameModel), features: features.get(symbol) ?? [], candles: candles.get(symbol) ?? [] }];
  });
  // A folder that holds both models and data is looked through twice: what either takes was not ignored.
  const taken = new Set([models, features, candles].flatMap((found) => [...found.values()].flat()));
  for (const file of [...features.values()].flat()) taken.add(recordFile(file));
  return {
    source,
    symbols,
    ignored: [...[...ignored].filter(([file]) => !taken.has(file)), ...sameModel].map(([file, reason]) => `${file}: ${reason}`),
    warnings: [
      ...leftOut,
      ...withData.filter((symbol) => !models.has(symbol)).map((symbol) => `no model for ${symbol}: its data is not used`),
      ...symbols.filter((each) => each.features.length > 0 && each.candles.length > 0).map(({ symbol }) => `${symbol} has ready-made features, whose own candles are used: its candle files are not`),
    ],
  };
}

function chooseInputs(options: EvaluateOptions): { readonly inputs: Inputs; readonly source: string } {
  const root = projectRoot();
  const given = { models: options.models ?? [], features: options.features ?? [], candles: options.candles ?? [] };
  const ownModels = join(root, 'models/new');
  const { names: ownDataNames, ...ownData } = findOwnData();
  const sample = { models: [join(root, 'models/sample')], features: [], candles: [join(root, 'data/sample')] };
  const dataGiven = given.features.length + given.candles.length > 0;
  const haveOwnData = ownDataNames !== '';

  if (given.models.length === 0 && !dataGiven) {
    if (holdsFiles(ownModels) && haveOwnData) return { inputs: { models: [ownModels], ...ownData }, source: `models/new with ${ownDataNames}` };
    const half = holdsFiles(ownModels) ? 'models/new holds models, but data/features and data/candles are empty' : haveOwnData ? `${ownDataNames}: data, but models/new is empty` : undefined;
    return { inputs: sample, source: `the committed sample (models/sample, data/sample)${half === undefined ? '' : `, since ${half}`}` };
  }
  if (given.models.length === 0) {
    if (!holdsFiles(ownModels)) throw new InputError('data was given, but no model, and models/new is empty', { code: 'no-models', hint: 'name the models: folders or files' });
    return { inputs: { ...given, models: [ownModels] }, source: `models/new with ${listed([...given.features, ...given.candles])}` };
  }
  if (!dataGiven) {
    if (!haveOwnData) throw new InputError('models were given, but no data, and data/features and data/candles are empty', { code: 'no-data', hint: 'name the data with --candles or --features' });
    return { inputs: { ...given, ...ownData }, source: `${listed(given.models)} with ${ownDataNames}` };
  }
  return { inputs: given, source: `${listed(given.models)} with ${listed([...given.features, ...given.candles])}` };
}

/** A shell writes out `*.pt`: a long list is told by its first path. */
function listed(paths: readonly string[]): string {
  return paths.length <= 2 ? paths.join(', ') : `${paths[0]} and ${paths.length - 1} more`;
}

function preferByStem(files: readonly string[], sameModel: Map<string, string>): string[] {
  const preference = (file: string) => MODEL_PREFERENCE.indexOf(extname(file).toLowerCase());
  const best = new Map<string, string>();
  for (const file of [...new Set(files)].sort((a, b) => preference(a) - preference(b) || a.localeCompare(b))) {
    const stem = file.slice(0, -extname(file).length);
    const first = best.get(stem);
    if (first === undefined) best.set(stem, file);
    else sameModel.set(file, `the same model as ${basename(first)}`);
  }
  return [...best.values()].sort();
}
