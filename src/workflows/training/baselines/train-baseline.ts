import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ensureWritable, writeTextAtomically } from '../../../atomic-file.js';
import { logisticOnnx, treesOnnx } from '../../../engines/onnx/baseline-graphs.js';
import { openOnnx } from '../../../engines/onnx/onnx-engine.js';
import { fitProbabilityCalibration } from '../../../evaluation/probability-calibration.js';
import type { FeatureSet } from '../../../features/feature-set.js';
import type { Manifest } from '../../../models/checkpoint.js';
import type { LogitMap } from '../../../models/fold-calibration.js';
import { describeOnnx } from '../../../models/onnx-file.js';
import { projectVersion } from '../../../project-root.js';
import { fitLogistic } from '../../../training/baselines/logistic-regression.js';
import { examplesSha256 } from '../../../training/example-hash.js';
import { ensureRecordable, recordTrial } from '../../../training/trials.js';
import { loadFeatureSet } from '../../load-feature-set.js';
import { readSymbolData } from '../../symbol-data.js';
import type { SymbolFiles } from '../data-plan.js';
import type { TaskFold } from '../folds.js';
import { figuresOf, type TrainModelControl, type ValidationFigures } from '../train-model.js';
import { prepareTrainingData, type JudgedWindows, type SymbolTrainingData } from '../training-data.js';
import { trainBoosting, type BoostingSettings } from './boosting.js';
import type { LightGbmPython } from './find-lightgbm.js';

export const BASELINE_KINDS = ['logistic', 'boosting'] as const;
export type BaselineKind = (typeof BASELINE_KINDS)[number];

/** What the other models must beat: a simple model of the newest row alone. */
export interface BaselineTask {
  readonly files: SymbolFiles;
  /** A set's name, or a file of one's own. */
  readonly featureSet: string;
  readonly horizon: number;
  readonly embargo?: number | undefined;
  /** One fold of a cross-validation: judged, recorded as a try, and not written. */
  readonly fold?: TaskFold | undefined;
  readonly maxGap: number | 'any';
  /** Platt's map is fitted on validation and folded into the graph. */
  readonly calibrate: boolean;
  readonly threads: number;
  readonly outDir: string;
  /** Where the try is recorded. */
  readonly trialsFile: string;
  readonly settings: BaselineSettings;
}

export type BaselineSettings =
  | { readonly model: 'logistic'; /** L2 penalty on the sum of the log losses: scikit-learn's 1 / C. */ readonly ridge: number }
  | ({ readonly model: 'boosting'; readonly python: LightGbmPython } & BoostingSettings);

export interface TrainedBaseline {
  readonly symbol: string;
  readonly model: BaselineKind;
  /** None of a fold. */
  readonly files: readonly string[];
  readonly fold?: TaskFold;
  /** 0: nothing in it is drawn. */
  readonly seed: number;
  /** Newton steps of the logistic regression, trees of the boosting. */
  readonly size: number;
  /** Of the validation windows, of a fold's held-out ones. */
  readonly validation: ValidationFigures;
  /** Tries on record for this symbol, this one included. */
  readonly trials: number;
  readonly seconds: number;
}

/** What was fitted, before calibration. */
interface Fitted {
  readonly encode: (map: LogitMap, metadata: Readonly<Record<string, string>>) => Uint8Array;
  readonly size: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
}

const AS_IT_IS: LogitMap = { slope: 1, intercept: 0 };

/**
 * Fits a baseline on the training rows, calibrates it on validation and writes it as
 * `<kind>_<SYMBOL>_1m_<hash>.onnx`, with all that an evaluation must know; a fold is judged instead. The test rows are not looked at.
 * @throws InputError, SetupError of the parts; an AbortError when stopped
 */
export async function trainBaseline(task: BaselineTask, control: TrainModelControl): Promise<TrainedBaseline> {
  const begun = performance.now();
  ensureWritable(task.outDir);
  ensureRecordable(task.trialsFile);
  const { model } = task.settings;
  const { set } = await loadFeatureSet(task.featureSet, 'causal');
  const data = await readSymbolData({ ...task.files, models: [] }, set);
  for (const note of data.notes) control.onNote?.(note);
  const part = prepareTrainingData(data, set, { windowLength: 1, horizon: task.horizon, embargo: task.embargo, fold: task.fold, maxGapMinutes: task.maxGap === 'any' ? Infinity : task.maxGap });
  control.signal?.throwIfAborted();
  const fitted = await fit(part, task, control);

  const plain = await judge(fitted.encode(AS_IT_IS, {}), part, part.validationWindows, task, control);
  const calibration = task.calibrate ? fitProbabilityCalibration('platt', plain.probability, plain.label) : undefined;
  const map = calibration?.method === 'platt' ? calibration : undefined;
  const { figures } = map === undefined && part.heldOutWindows === undefined ? plain : await judge(fitted.encode(map ?? AS_IT_IS, {}), part, part.heldOutWindows ?? part.validationWindows, task, control);
  const trials = recordTrial(task.trialsFile, {
    time: new Date(control.now()).toISOString(),
    symbol: part.symbol,
    model,
    parameters: { featureSet: task.featureSet, horizon: task.horizon, maxGap: task.maxGap, calibrate: task.calibrate, ...(task.fold && { fold: task.fold }), ...fitted.parameters },
    data: { training: examplesSha256(part.train), validation: examplesSha256(part.validation) },
    seed: fitted.seed,
    metrics: { validationLoss: figures.logLoss, validationAccuracy: figures.accuracy },
  });
  const files = task.fold === undefined ? [writeBaseline(task, part, fitted, map ?? AS_IT_IS, manifestOf(task, set, part, fitted, { figures, map, trials }))] : [];
  return { symbol: part.symbol, model, files, ...(task.fold && { fold: task.fold }), seed: fitted.seed, size: fitted.size, validation: figures, trials, seconds: (performance.now() - begun) / 1000 };
}

/** @returns its path */
function writeBaseline({ outDir, settings: { model } }: BaselineTask, { symbol }: SymbolTrainingData, fitted: Fitted, map: LogitMap, manifest: Manifest): string {
  // Of what it computes, not of when it was trained: the same model has the same name.
  const hash = createHash('sha256').update(fitted.encode(map, {})).digest('hex').slice(0, 8);
  const file = join(outDir, `${model}_${symbol.replaceAll('-', '_')}_1m_${hash}.onnx`);
  writeTextAtomically(file, fitted.encode(map, { crpbot: JSON.stringify(manifest) }));
  return file;
}

async function fit({ symbol, train, validation }: SymbolTrainingData, { settings, outDir, threads }: BaselineTask, { signal, onProgress }: TrainModelControl): Promise<Fitted> {
  if (settings.model === 'logistic') {
    const { ridge } = settings;
    const regression = fitLogistic(train, { ridge, onStep: (step) => onProgress?.({ label: `training logistic ${symbol}`, done: step, total: step, unit: 'steps' }) });
    return { encode: (map, metadata) => logisticOnnx(regression, map, metadata), size: regression.steps, parameters: { ridge }, seed: 0, versions: {} };
  }
  const { python, ...boosting } = settings;
  const { trees, parameters } = await trainBoosting({ train, validation }, boosting, { python, folder: outDir, threads, signal });
  return { encode: (map, metadata) => treesOnnx(trees, map, metadata), size: trees.trees.length, parameters, seed: boosting.seed, versions: { lightgbm: python.version } };
}

/** By the graph itself, in the engine that will run it. */
async function judge(bytes: Uint8Array, { symbol }: SymbolTrainingData, { windows, label: byRow }: JudgedWindows, { settings, threads }: BaselineTask, { signal }: TrainModelControl): Promise<{ readonly probability: Float64Array; readonly label: Uint8Array; readonly figures: ValidationFigures }> {
  const file = `the ${settings.model} of ${symbol}`;
  const scorer = await openOnnx(describeOnnx(bytes, file, ''), { windowLength: 1, device: 'cpu', threads, batch: JUDGED_AT_ONCE });
  try {
    const probability = await scorer.score(windows, signal === undefined ? {} : { signal });
    const label = Uint8Array.from(windows.ends, (end) => byRow[end]);
    return { probability, label, figures: { ...figuresOf(symbol, probability, label), windows: label.length } };
  } finally {
    await scorer.dispose();
  }
}

const JUDGED_AT_ONCE = 1024;

function manifestOf(
  { horizon }: BaselineTask,
  set: FeatureSet,
  { symbol, scaler, trainedFrom, trainedTo }: SymbolTrainingData,
  { seed, size, versions }: Fitted,
  { figures, map, trials }: { readonly figures: ValidationFigures; readonly map: LogitMap | undefined; readonly trials: number },
): Manifest {
  return {
    featureSet: set.name,
    columns: set.columns,
    alignment: 'causal',
    scaler: { mean: [...scaler.mean], std: [...scaler.std] },
    label: 'direction',
    horizon,
    windowLength: 1,
    windowMode: 'repo',
    symbol,
    trainedFrom,
    trainedTo,
    metrics: {
      seed,
      size,
      trials,
      val_loss: figures.logLoss,
      val_accuracy: figures.accuracy,
      val_calibration_error: figures.calibrationError,
      val_baseline: figures.baseline,
      ...(map === undefined ? {} : { platt_slope: map.slope, platt_intercept: map.intercept }),
    },
    versions: { crpbot: projectVersion(), ...versions },
  };
}
