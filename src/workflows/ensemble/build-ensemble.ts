import { isAbsolute, join, parse, relative, sep } from 'node:path';
import { ensureWritable, writeTextAtomically } from '../../atomic-file.js';
import { InputError } from '../../errors.js';
import { calibrationError } from '../../evaluation/calibration.js';
import { classify } from '../../evaluation/classification.js';
import { fitProbabilityCalibration, type CalibrationMethod } from '../../evaluation/probability-calibration.js';
import { projectVersion } from '../../project-root.js';
import type { JobControl } from '../../progress.js';
import { planEvaluation, type EvaluationPlan, type SymbolPlan } from '../evaluation-plan.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { readSubject, type SubjectMember } from '../evaluation-subject.js';
import { scoreModel, type ScoredSplit } from '../score-split.js';
import { readSymbolData } from '../symbol-data.js';
import { encodeEnsemble, type EnsembleFile, type SplitFigures } from './ensemble-file.js';
import { memberWeights, type WeightRule } from './member-weights.js';
import { isEnsembleFile } from './read-ensemble.js';
import { mixProbabilities, shareWindows } from './score-ensemble.js';

type MemberOptions = Pick<EvaluateOptions, 'models' | 'candles' | 'features' | 'featureSet' | 'alignment' | 'horizon' | 'maxGap' | 'embargo' | 'threads' | 'batch' | 'engine' | 'device'>;

export interface EnsembleOptions extends MemberOptions {
  /** Default `fitted`. */
  readonly weights?: WeightRule | undefined;
  /** Default `none`. */
  readonly calibration?: CalibrationMethod | undefined;
  /** Default 0. */
  readonly conservativeBias?: number | undefined;
  /** Folder of the ensembles; default `models/new`. */
  readonly outDir?: string | undefined;
}

export interface EnsembleControl extends JobControl {
  readonly onNote?: ((note: string) => void) | undefined;
  readonly onPlan?: ((plan: EvaluationPlan) => void) | undefined;
}

export interface BuiltEnsemble {
  readonly symbol: string;
  readonly file: string;
  readonly content: EnsembleFile;
  /** All that were scored, with what each reached on the shared validation windows; weight 0: left out. */
  readonly scored: readonly (SplitFigures & { readonly model: string; readonly weight: number })[];
  /** Of the weighted mean before calibration and bias. */
  readonly mean: SplitFigures;
  /** Of always giving the validation windows' share of up, nats. */
  readonly upLogLoss: number;
}

/**
 * Makes an ensemble a symbol: scores the models on the validation rows, fits weights and calibration there, and writes
 * `ensemble_<SYMBOL>_1m_<hash>.json`. The test rows are not looked at.
 * A symbol of fewer than two models gets none, and a note.
 * @throws InputError `no-ensemble` where no symbol has two models, or one has none with a weight, `horizons-differ`,
 *   `saw-validation`; what reading and scoring throw
 */
export async function buildEnsembles(options: EnsembleOptions, control: EnsembleControl): Promise<readonly BuiltEnsemble[]> {
  const outDir = options.outDir ?? 'models/new';
  ensureWritable(outDir);
  const plan = planEvaluation(options);
  control.onPlan?.(plan);
  const built: BuiltEnsemble[] = [];
  const [mixable, alone] = [true, false].map((enough) => plan.symbols.filter(({ models }) => membersOf(models).length >= 2 === enough));
  if (mixable.length === 0) throw tooFew(alone[0]);
  // Told at once: not after the ensembles of other symbols were built.
  for (const symbol of alone) control.onNote?.(`${tooFew(symbol).message}: it gets none`);
  for (const symbol of mixable) built.push(await buildEnsemble(symbol, outDir, options, control));
  return built;
}

async function buildEnsemble(plan: SymbolPlan, outDir: string, options: EnsembleOptions, control: EnsembleControl): Promise<BuiltEnsemble> {
  const { symbol } = plan;
  const members = readMembers(plan, options);
  const data = await readSymbolData(plan, members[0].settings.featureSet);
  for (const note of data.notes) control.onNote?.(note);
  const splits: ScoredSplit[] = [];
  for (const { model, settings } of members) splits.push(await scoreModel(model, settings, data, { ...options, split: 'validation' }, control));
  const { scored, probabilities, left } = shareWindows(splits);
  const { label, time } = scored;
  if (label.length === 0) throw new InputError(`${symbol}: no validation window is shared by all ${members.length} models`, { code: 'too-few-candles', hint: 'give more candles' });
  if (left > 0) control.onNote?.(`${symbol}: ${left.toLocaleString('en')} validation windows are not of all models, and were left out`);
  for (const { model } of members) refuseSeen(model.file, model.manifest.trainedTo, time[0]);

  const figures = probabilities.map((probability) => figuresOf(probability, label));
  const up = label.reduce((sum, each) => sum + each, 0) / label.length;
  const upLogLoss = up === 0 || up === 1 ? 0 : -(up * Math.log(up) + (1 - up) * Math.log(1 - up));
  const weights = memberWeights(options.weights ?? 'fitted', members.map(({ model }, index) => ({ model, probability: probabilities[index], logLoss: figures[index].logLoss })), label, upLogLoss);
  const chosen = members.flatMap(({ model, settings }, index) => (weights[index] === 0 ? [] : [{ model, settings, name: model.file, weight: weights[index], probability: probabilities[index], figures: figures[index] }]));
  if (chosen.length === 0) throw refused(`${symbol}: none of the ${members.length} models has a weight: no log loss on validation is below ${upLogLoss.toFixed(4)}, that of always giving the share of up`, 'train better models, or use --weights fitted');
  if (chosen.length === 1) control.onNote?.(`${symbol}: ${chosen[0].name} alone has a weight, the others add nothing on validation: the ensemble is that model${options.calibration === undefined || options.calibration === 'none' ? '' : ', calibrated'}`);

  const conservativeBias = options.conservativeBias ?? 0;
  const mean = mixProbabilities(chosen, { conservativeBias: 0 });
  const calibration = fitProbabilityCalibration(options.calibration ?? 'none', mean, label);
  if (calibration === undefined && (options.calibration ?? 'none') !== 'none') control.onNote?.(`${symbol}: not calibrated: Platt's map would turn the mixture round`);
  const mixture = { conservativeBias, ...(calibration === undefined ? {} : { calibration }) };
  const content: EnsembleFile = {
    symbol,
    horizon: scored.horizon,
    members: chosen.map(({ model, settings, weight, figures: reached }) => ({
      file: fromFolder(outDir, model.file),
      sha256: model.sha256,
      weight,
      inputs: { featureSet: settings.featureSet.name, alignment: settings.featureSet.alignment, windowLength: settings.windowLength, windowMode: settings.windowMode },
      validation: reached,
    })),
    ...mixture,
    weightsFrom: (options.weights ?? 'fitted') === 'fitted' ? 'validation' : 'v3',
    validation: { ...figuresOf(mixProbabilities(chosen, mixture), label), from: time[0], to: time[time.length - 1], windows: label.length },
    versions: { crpbot: projectVersion() },
  };
  const { name, text } = encodeEnsemble(content);
  const file = join(outDir, name);
  writeTextAtomically(file, text);
  return { symbol, file, content, scored: members.map(({ model }, index) => ({ model: model.file, weight: weights[index], ...figures[index] })), mean: figuresOf(mean, label), upLogLoss };
}

/** Ensembles in the same folder are no members. */
function membersOf(models: readonly string[]): readonly string[] {
  return models.filter((file) => !isEnsembleFile(file));
}

function tooFew({ symbol, models }: SymbolPlan): InputError {
  const files = membersOf(models);
  return refused(`${symbol}: an ensemble needs two models or more, and there ${files.length === 1 ? `is ${files[0]}` : 'is none'}`, 'name the models, or their folder');
}

function readMembers({ models }: SymbolPlan, options: EnsembleOptions): SubjectMember[] {
  const members = membersOf(models).map((file) => readSubject(file, options).members[0]);
  const [{ settings: first }] = members;
  for (const { model, settings } of members) {
    if (settings.horizon === first.horizon) continue;
    throw new InputError(`${model.file} predicts ${settings.horizon} rows ahead, and ${first.file} ${first.horizon}: their mean would be of two questions`, { code: 'horizons-differ', place: { file: model.file }, hint: 'mix models of one horizon' });
  }
  return members;
}

/** A model that has learnt the validation rows would get a weight for what it remembers. */
function refuseSeen(file: string, trainedTo: number | undefined, from: number): void {
  if (trainedTo === undefined || trainedTo < from) return;
  const utc = (time: number): string => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms`);
  throw new InputError(`${file} was trained on rows up to ${utc(trainedTo)}, and the validation rows begin at ${utc(from)}`, {
    code: 'saw-validation',
    place: { file },
    hint: 'give the candles it was trained on, as a whole: their last 30 % are what it has not seen',
  });
}

/** Relative to the ensemble's folder, with `/`, so that both can be moved together. */
function fromFolder(folder: string, file: string): string {
  const path = relative(folder, file);
  return isAbsolute(path) ? parse(file).base : path.split(sep).join('/');
}

function figuresOf(probability: Float64Array, label: Uint8Array): SplitFigures {
  const { logLoss, accuracy } = classify(probability, label);
  return { logLoss, accuracy, calibrationError: calibrationError(probability, label) };
}

function refused(message: string, hint: string): InputError {
  return new InputError(message, { code: 'no-ensemble', hint });
}
