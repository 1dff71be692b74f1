import { InputError } from '../errors.js';
import { featureSet } from '../features/feature-sets.js';
import type { FeatureSet } from '../features/feature-set.js';
import type { Model } from '../models/model.js';
import type { JobControl } from '../progress.js';
import { isEnsembleFile, readEnsemble, type ReadEnsemble } from './ensemble/read-ensemble.js';
import { mixSplits } from './ensemble/score-ensemble.js';
import type { EvaluateOptions } from './evaluate-options.js';
import { checkAgainstManifest, resolveSettings, type ModelSettings } from './model-settings.js';
import { readModel } from './read-model.js';
import { scoreModel, type ScoredSplit, type ScoringOptions } from './score-split.js';
import type { SymbolData } from './symbol-data.js';

/** What is evaluated as one: a model, or an ensemble of several. */
export interface EvaluationSubject {
  readonly file: string;
  /** Of that file, hex. */
  readonly sha256: string;
  /** One, or the ensemble's; each with its own feature set, window and scaler. */
  readonly members: readonly SubjectMember[];
  readonly ensemble?: ReadEnsemble;
  /** The members' feature sets, each once. */
  readonly featureSets: readonly FeatureSet[];
  readonly assumed: readonly string[];
  readonly warnings: readonly string[];
}

export interface SubjectMember {
  readonly model: Model;
  readonly settings: ModelSettings;
  readonly weight: number;
}

/**
 * Reads a model file of any kind, an ensemble with its models.
 * @throws InputError what `readModel`, `readEnsemble` and `resolveSettings` throw
 */
export function readSubject(file: string, options: EvaluateOptions): EvaluationSubject {
  if (isEnsembleFile(file)) return ensembleSubject(readEnsemble(file), options);
  const model = readModel(file, options);
  const settings = resolveSettings(model, options);
  return { file, sha256: model.sha256, members: [{ model, settings, weight: 1 }], featureSets: [settings.featureSet], assumed: settings.assumed, warnings: [] };
}

function ensembleSubject(ensemble: ReadEnsemble, options: EvaluateOptions): EvaluationSubject {
  const { file, sha256, content, present, missing } = ensemble;
  if (options.precision === 'int8') {
    throw new InputError(`${file} is an ensemble, which is not quantized`, { code: 'int8-unsupported', place: { file }, hint: 'use --precision fp32, or screen its models by themselves' });
  }
  const members = present.map(({ path, weight, inputs }) => {
    // A set of one's own is known by its file: naming it contradicts no member that reads another.
    checkAgainstManifest({ ...inputs, horizon: content.horizon }, { ...options, featureSet: undefined }, file);
    const model = readModel(path);
    return { model, weight, settings: resolveSettings(model, { ...options, ...inputs, horizon: content.horizon }) };
  });
  const gone = missing.map((member) => member.file).join(', ');
  return {
    file,
    sha256,
    members,
    ensemble,
    featureSets: [...new Set(members.map(({ settings }) => settings.featureSet))],
    assumed: [...new Set(members.flatMap(({ settings }) => settings.assumed))],
    warnings: missing.length === 0 ? [] : [`its model${missing.length === 1 ? ' is' : 's are'} missing: ${gone}; the others' weights were renormalised${content.calibration === undefined ? '' : ', and its calibration was fitted with all of them'}`],
  };
}

/** Scores a subject's windows; an ensemble's are those that all its members have. */
export async function scoreSubject({ members, ensemble, file }: EvaluationSubject, data: SymbolData, options: ScoringOptions, control: JobControl): Promise<ScoredSplit & { readonly left?: number }> {
  if (ensemble === undefined) return scoreModel(members[0].model, members[0].settings, data, options, control);
  const splits: { readonly name: string; readonly weight: number; readonly split: ScoredSplit }[] = [];
  for (const { model, settings, weight } of members) splits.push({ name: model.file, weight, split: await scoreModel(model, settings, data, options, control) });
  const mixed = mixSplits(splits, ensemble.content);
  if (mixed.decisionRows.length > 0) return mixed;
  throw new InputError(`${file}: no window is shared by all of its ${members.length} models`, { code: 'too-few-candles', place: { file }, hint: 'give more candles' });
}

/** The same models on features that see no future, their inputs in the order they were trained with (`legacy-a` has another). */
export function causalSubject(subject: EvaluationSubject): EvaluationSubject {
  const members = subject.members.map(({ settings, ...member }) => {
    const { name, columns } = settings.featureSet;
    return { ...member, settings: { ...settings, featureSet: { ...featureSet(name, 'causal'), columns } } };
  });
  return { ...subject, members, featureSets: members.map(({ settings }) => settings.featureSet) };
}

/** Data whose columns come in the order that is asked for, which need not be their set's own. */
export function inAskedOrder(data: SymbolData): SymbolData {
  return {
    ...data,
    columns(wanted) {
      const set = featureSet(wanted.name, wanted.alignment);
      if (set.columns.every((name, index) => name === wanted.columns[index])) return data.columns(set);
      const byName = new Map(data.columns(set));
      return wanted.columns.map((name) => [name, byName.get(name)!] as const);
    },
  };
}

/** Why the figures say nothing about new data: rows that were scored are rows the model was trained on, or mixed by. */
export function seenInTraining({ members, ensemble }: EvaluationSubject, { from, to }: { readonly from: number; readonly to: number }, options: Pick<EvaluateOptions, 'split'>): string | undefined {
  const worth = 'its figures say nothing about new data';
  if (options.split === 'all') return `--split all scores the rows the model was trained on: ${worth}`;
  const spans = members.map(({ model: { manifest } }) => ({ from: manifest.trainedFrom ?? -Infinity, to: manifest.trainedTo, what: 'trained' }));
  if (ensemble !== undefined) spans.push({ ...ensemble.content.validation, what: 'fitted' });
  const met = spans.find((span) => span.to !== undefined && span.to >= from && span.from <= to);
  if (met?.to === undefined) return undefined;
  const utc = (time: number) => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms`);
  return `its file says it was ${met.what} on rows up to ${utc(met.to)}, and rows from ${utc(from)} on were scored: ${worth}`;
}

/** Where a file says it was trained on another symbol than its name says: sentences. */
export function otherSymbolWarnings({ members, ensemble }: EvaluationSubject, symbol: string): string[] {
  const plain = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const said = [...members.map(({ model }) => model.manifest.symbol), ensemble?.content.symbol].flatMap((name) => name ?? []);
  return [...new Set(said)].filter((name) => plain(name) !== plain(symbol)).map((name) => `its file says it was trained on ${name}, and its name says ${symbol}`);
}
