import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { ensureWritable } from '../../atomic-file.js';
import { openOnnx } from '../../engines/onnx/onnx-engine.js';
import { forwardPass } from '../../engines/tensorflow/forward.js';
import { loadTensorFlow } from '../../engines/tensorflow/load-tensorflow.js';
import type { Device, TensorFlow } from '../../engines/tensorflow/tensorflow.js';
import { calibrationError } from '../../evaluation/calibration.js';
import { classify } from '../../evaluation/classification.js';
import { fitPlatt } from '../../evaluation/platt-scaling.js';
import type { FeatureSet } from '../../features/feature-set.js';
import type { Manifest, Weights } from '../../models/checkpoint.js';
import { foldCalibration, type LogitMap } from '../../models/fold-calibration.js';
import { weightShapes } from '../../models/weight-shapes.js';
import { sampleWindows } from '../../datasets/windows.js';
import type { JobControl } from '../../progress.js';
import { projectVersion } from '../../project-root.js';
import { initialWeights } from '../../training/initial-weights.js';
import { partsFor } from '../../training/parallel-batches.js';
import { train } from '../../training/train.js';
import type { EpochRecord, TrainingResult } from '../../training/training-result.js';
import type { TrainingSettings } from '../../training/training-settings.js';
import { stateFolder } from '../../training/training-state.js';
import { ensureRecordable, recordTrial } from '../../training/trials.js';
import { loadFeatureSet } from '../load-feature-set.js';
import { readSymbolData } from '../symbol-data.js';
import { apartInTime } from './apart-in-time.js';
import { choosePrecision, type Precision } from './choose-precision.js';
import type { SymbolFiles } from './data-plan.js';
import type { TaskFold } from './folds.js';
import { chooseModel, type ChosenModel, type ModelKind, type ModelSizes } from './model-kinds.js';
import { poolExamples, prepareTrainingData, type JudgedWindows, type SymbolTrainingData } from './training-data.js';
import { writeModel, type ModelFormat } from './write-model.js';

/** One model to train: plain JSON, so that another process or host may do it. */
export interface TrainTask {
  /** What it learns from; several make one model of them all, written once a symbol with that symbol's scaler. */
  readonly symbols: readonly SymbolFiles[];
  readonly model: ModelKind;
  readonly sizes: ModelSizes;
  /** A set's name, or a file of one's own. */
  readonly featureSet: string;
  readonly horizon: number;
  readonly embargo?: number | undefined;
  /** One fold of a cross-validation: judged, recorded as a try, and not written. */
  readonly fold?: TaskFold | undefined;
  readonly maxGap: number | 'any';
  readonly settings: TrainingSettings;
  /** Platt's map is fitted on validation and folded into the weights. */
  readonly calibrate: boolean;
  readonly device: Device;
  /** Default `mixed` on a GPU, `fp32` on a CPU. */
  readonly precision?: Precision | undefined;
  /** On a CPU into how many parts a batch is divided, at most; elsewhere, and for small batches, threads of one kernel. */
  readonly threads?: number | undefined;
  readonly formats: readonly ModelFormat[];
  readonly outDir: string;
  /** Where the try is recorded. */
  readonly trialsFile: string;
}

export interface TrainedModel {
  readonly symbol: string;
  readonly model: ModelKind;
  /** One a symbol and format. */
  readonly files: readonly string[];
  readonly best: EpochRecord;
  readonly curve: readonly EpochRecord[];
  readonly stopped: TrainingResult['stopped'];
  readonly resumedAfter: number;
  /** Which fold it judges; its `files` are none. */
  readonly fold?: TaskFold;
  /** After calibration, by symbol: of the validation windows, of a fold's held-out ones. */
  readonly validation: readonly ValidationFigures[];
  /** Tries on record for this symbol, this one included. */
  readonly trials: number;
  readonly seed: number;
  /** `tensorflow 2.21.0 cpu`. */
  readonly engine: string;
  readonly windowsPerSecond?: number;
  readonly seconds: number;
}

/** Of the windows that judge, at most {@link JUDGED_WINDOWS} spread over them. */
export interface ValidationFigures {
  readonly symbol: string;
  readonly accuracy: number;
  readonly logLoss: number;
  readonly calibrationError: number;
  /** Accuracy of always saying what is more frequent. */
  readonly baseline: number;
  /** Area under the ROC curve; absent with one class only. */
  readonly auc?: number;
  /** How many of the split's windows there are. */
  readonly windows: number;
}

export interface TrainModelControl extends JobControl {
  readonly onNote?: ((note: string) => void) | undefined;
  /** How long another process's lock on the same training is waited for, ms; default not at all. */
  readonly lockPatienceMs?: number | undefined;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** Two parameters are fitted: more windows would not move them, and an LSTM scores a thousand a second. */
const JUDGED_WINDOWS = 20_000;

/**
 * Trains one model, chooses its best epoch on validation, calibrates it there and writes it with all that an evaluation
 * must know. The test rows are not looked at.
 * @throws InputError, SetupError, TemporaryError of the parts; an AbortError when stopped: the same task goes on later
 */
export async function trainModel(asked: TrainTask, control: TrainModelControl): Promise<TrainedModel> {
  const begun = performance.now();
  ensureWritable(asked.outDir);
  ensureRecordable(asked.trialsFile);
  const { set } = await loadFeatureSet(asked.featureSet, 'causal');
  const chosen = chooseModel(asked.model, set.columns.length, asked.sizes);
  const parts = await readParts(asked, set, chosen, control);
  const batchParts = asked.device === 'gpu' ? 1 : partsFor(asked.settings.batchSize, asked.threads ?? 1);
  const loaded = await loadTensorFlow({ device: asked.device, ...(asked.threads === undefined ? {} : { threads: Math.floor(asked.threads / batchParts) }), ...(control.onNote && { onWarning: control.onNote }) });
  const { tensorFlow, settings } = choosePrecision(loaded, asked.precision, asked.settings, control.onNote);
  const task = { ...asked, settings };
  const divisible = tensorFlow.native !== undefined && tensorFlow.device === 'cpu' && settings.precision === undefined;
  const name = parts.map(({ symbol }) => symbol).join('+');
  const run = runName(task, name);
  const result = await train(
    poolExamples(parts.map((part) => part.train)),
    poolExamples(parts.map((part) => part.validation)),
    { tensorFlow, forward: forwardPass(tensorFlow, chosen.architecture), initial: initialWeights(weightShapes(chosen.architecture), task.settings.seed), ...(divisible && { parallel: { architecture: chosen.architecture, parts: batchParts } }) },
    task.settings,
    { label: `training ${task.model} ${name}`, columns: set.columns, storage: { folder: task.outDir, run, lockPatienceMs: control.lockPatienceMs }, now: control.now, ...(control.signal && { signal: control.signal }), ...(control.onProgress && { onProgress: control.onProgress }) },
  );
  const judged: (Judged & { readonly part: SymbolTrainingData })[] = [];
  for (const part of parts) judged.push({ part, ...(await calibrateAndJudge(part, chosen, result.weights, task, control)) });
  const trials = recordTrial(task.trialsFile, {
    time: new Date(control.now()).toISOString(),
    symbol: name,
    model: task.model,
    parameters: { featureSet: task.featureSet, horizon: task.horizon, maxGap: task.maxGap, sizes: task.sizes, calibrate: task.calibrate, ...(task.fold && { fold: task.fold }), ...task.settings },
    data: result.data,
    seed: task.settings.seed,
    metrics: { epochs: result.curve.length, bestEpoch: result.best.epoch, trainingLoss: result.best.trainingLoss, validationLoss: result.best.validationLoss, validationAccuracy: result.best.validationAccuracy },
  });
  const written = task.fold === undefined ? judged : [];
  const files = written.flatMap(({ part, weights, figures, map }) => writeModel(task, part.symbol, { architecture: chosen.architecture, weights, manifest: manifestOf(task, set, chosen, part, tensorFlow, { result, figures, map, trials }), assumed: [] }));
  // The model is written: nothing is left to go on with.
  rmSync(stateFolder(task.outDir, run), { recursive: true, force: true });
  return {
    symbol: name,
    model: task.model,
    files,
    best: result.best,
    curve: result.curve,
    stopped: result.stopped,
    resumedAfter: result.resumedAfter,
    ...(task.fold && { fold: task.fold }),
    validation: judged.map(({ figures }) => figures),
    trials,
    seed: task.settings.seed,
    engine: `${tensorFlow.backend} ${tensorFlow.version} ${tensorFlow.device}${settings.precision === undefined ? '' : ', mixed precision'}`,
    ...(result.windowsPerSecond === undefined ? {} : { windowsPerSecond: result.windowsPerSecond }),
    seconds: (performance.now() - begun) / 1000,
  };
}

async function readParts(task: TrainTask, set: FeatureSet, chosen: ChosenModel, control: TrainModelControl): Promise<SymbolTrainingData[]> {
  const parts: SymbolTrainingData[] = [];
  for (const files of task.symbols) {
    control.signal?.throwIfAborted();
    const data = await readSymbolData({ ...files, models: [] }, set);
    for (const note of data.notes) control.onNote?.(note);
    const { windowLength, sequenceLength } = chosen;
    const part = prepareTrainingData(data, set, { windowLength, sequenceLength, horizon: task.horizon, embargo: task.embargo, fold: task.fold, maxGapMinutes: task.maxGap === 'any' ? Infinity : task.maxGap });
    if (part.acrossGaps > 0) control.onNote?.(`${part.symbol}: ${part.acrossGaps} windows cross minutes that are missing, and were left out (--max-gap MINUTES lets them)`);
    parts.push(part);
  }
  return apartInTime(parts, task.horizon);
}

/** What the state of an interrupted training is found by: the same task, wherever it runs. */
function runName(task: TrainTask, name: string): string {
  const { settings, sizes, featureSet, horizon, embargo, fold, maxGap, model, symbols } = task;
  const identity = createHash('sha256').update(JSON.stringify({ settings, sizes, featureSet, horizon, embargo, fold, maxGap, symbols })).digest('hex').slice(0, 8);
  return `${model}_${name.replaceAll('-', '_')}_${identity}`;
}

interface Judged {
  readonly weights: Weights;
  readonly map: LogitMap | undefined;
  readonly figures: ValidationFigures;
}

async function calibrateAndJudge(part: SymbolTrainingData, chosen: ChosenModel, weights: Weights, task: TrainTask, control: TrainModelControl): Promise<Judged> {
  const { architecture } = chosen;
  const checkpoint = { architecture, weights, manifest: {}, format: 'safetensors', file: `the ${task.model} of ${part.symbol}`, sha256: '', assumed: [] } as const;
  const scorer = await openOnnx(checkpoint, { windowLength: chosen.windowLength, device: 'cpu', threads: task.threads });
  const score = async (judged: JudgedWindows): Promise<{ readonly logits: Float64Array; readonly label: Uint8Array }> => {
    const { windows, of } = sampleWindows(judged.windows, JUDGED_WINDOWS);
    const probability = await scorer.score(windows, control.signal === undefined ? {} : { signal: control.signal });
    return { logits: probability.map((p) => Math.log(p / (1 - p))), label: Uint8Array.from(of, (index) => judged.label[judged.windows.ends[index]]) };
  };
  try {
    const fitted = await score(part.validationWindows);
    const { slope, intercept } = fitPlatt(fitted.logits, fitted.label);
    // A model that is wrong more often than right is not turned round: that would be a choice by validation noise.
    const map = task.calibrate && slope < 0 ? { slope: -slope, intercept: -intercept } : undefined;
    const { logits, label } = part.heldOutWindows === undefined ? fitted : await score(part.heldOutWindows);
    const probability = logits.map((logit) => 1 / (1 + Math.exp(-(map === undefined ? logit : map.slope * logit + map.intercept))));
    const judged = part.heldOutWindows ?? part.validationWindows;
    return { weights: map === undefined ? weights : foldCalibration(architecture, weights, map), map, figures: { ...figuresOf(part.symbol, probability, label), windows: judged.windows.ends.length } };
  } finally {
    await scorer.dispose();
  }
}

/** Of scored windows. */
export function figuresOf(symbol: string, probability: Float64Array, label: Uint8Array): Omit<ValidationFigures, 'windows'> {
  const { accuracy, logLoss, baseRate, auc } = classify(probability, label);
  return { symbol, accuracy, logLoss, calibrationError: calibrationError(probability, label), baseline: Math.max(baseRate, 1 - baseRate), ...(auc === undefined ? {} : { auc }) };
}

function manifestOf(
  task: TrainTask,
  set: FeatureSet,
  chosen: ChosenModel,
  part: SymbolTrainingData,
  tensorFlow: TensorFlow,
  { result, figures, map, trials }: { readonly result: TrainingResult; readonly figures: ValidationFigures; readonly map: LogitMap | undefined; readonly trials: number },
): Manifest {
  return {
    featureSet: set.name,
    columns: set.columns,
    alignment: 'causal',
    scaler: { mean: [...part.scaler.mean], std: [...part.scaler.std] },
    label: 'direction',
    horizon: task.horizon,
    windowLength: chosen.windowLength,
    windowMode: 'repo',
    symbol: part.symbol,
    trainedFrom: part.trainedFrom,
    trainedTo: part.trainedTo,
    metrics: {
      epoch: result.best.epoch,
      seed: task.settings.seed,
      trials,
      train_loss: result.best.trainingLoss,
      val_loss: figures.logLoss,
      val_accuracy: figures.accuracy,
      val_calibration_error: figures.calibrationError,
      val_baseline: figures.baseline,
      ...(map === undefined ? {} : { platt_slope: map.slope, platt_intercept: map.intercept }),
    },
    versions: { crpbot: projectVersion(), [tensorFlow.backend]: tensorFlow.version },
  };
}
