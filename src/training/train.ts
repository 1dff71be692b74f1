import type { ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { TensorFlow } from '../engines/tensorflow/tensorflow.js';
import type { Architecture } from '../models/architecture.js';
import type { Weights } from '../models/checkpoint.js';
import { weightsSha256 } from '../models/safetensors/weights-hash.js';
import type { JobControl } from '../progress.js';
import type { AdamWState } from './adamw.js';
import { wholeBatches, type BatchComputer } from './batch-computer.js';
import { checkExamples } from './check-examples.js';
import { examplesAnEpoch, openExamples, orderedBatches, shuffledBatches, type ExampleSource } from './example-batches.js';
import { examplesSha256 } from './example-hash.js';
import { divergedError, stepError } from './failed-step.js';
import { flatten, layoutOf, unflatten, type ParameterLayout } from './flat-parameters.js';
import { learningRateAt } from './learning-rate.js';
import { FIRST_LOSS_SCALE, isOverflow, nextLossScale, type LossScale } from './loss-scale.js';
import { openParallelBatches } from './parallel-batches.js';
import type { Splits } from './part-thread.js';
import type { TrainingExamples } from './training-examples.js';
import { takeTrainingLock } from './training-lock.js';
import { trackTraining, type TrainingProgress } from './training-progress.js';
import type { EpochRecord, TrainingResult } from './training-result.js';
import { checkSettings, type TrainingSettings } from './training-settings.js';
import { readTrainingState, stateFile, writeTrainingState, type TrainingIdentity, type TrainingState } from './training-state.js';
import { scoreLogits, validate } from './validate.js';

/** What is trained, and on what. */
export interface TrainableModel {
  readonly tensorFlow: TensorFlow;
  readonly forward: ForwardPass;
  /** All parameters, by PyTorch's names; {@link initialWeights}, or those of a checkpoint to go on from. */
  readonly initial: Weights;
  /**
   * Every batch is divided in so many parts, each computed by a thread with a TensorFlow of its own; on a CPU only. A training that
   * goes on keeps the number it began with, so that its weights are the same wherever it does.
   */
  readonly parallel?: { readonly architecture: Architecture; readonly parts: number } | undefined;
}

export interface TrainingStorage {
  readonly folder: string;
  readonly run: string;
  /** How long another process's lock on it is waited for, ms: a killed one of another host leaves its own for a minute. Default not at all. */
  readonly lockPatienceMs?: number | undefined;
}

export interface TrainingControl extends JobControl {
  /** What progress calls it: `training lstm BTC-USD`. */
  readonly label?: string;
  /** Names of the features, for messages. */
  readonly columns?: readonly string[];
  /** Where the state is kept, `<folder>/<run>.training/`, so that an interrupted training goes on. Absent: nowhere. */
  readonly storage?: TrainingStorage;
  /** ms, for rate and time left. */
  readonly now?: () => number;
}

/** Examples of a validation batch: there is no gradient to hold, yet a smaller training batch makes it smaller too. */
const validationBatch = (batchSize: number): number => Math.max(batchSize, Math.min(256, 8 * batchSize));

/** Events (an interrupt, a lock's heartbeat) are heard this often. */
const BREATH_MS = 100;

/**
 * Trains by AdamW on the mean weighted cross-entropy of the logits, until the validation log loss has not fallen for
 * `patience` epochs, and returns the weights of the best one. The same seed gives the same weights on one device, also
 * when it was killed and started again: then it goes on after the last epoch written.
 * @throws InputError of {@link checkSettings} and {@link checkExamples}, `training-diverged`, `other-data`,
 * `other-training`, `corrupt-checkpoint`; SetupError `device-memory-exhausted`; TemporaryError `training-busy`.
 */
export async function train(examples: TrainingExamples, validation: TrainingExamples, model: TrainableModel, settings: TrainingSettings, control: TrainingControl = {}): Promise<TrainingResult> {
  checkSettings(settings);
  checkExamples(examples, validation, settings, model.forward.warmUpRows);
  const lock = control.storage === undefined ? undefined : await takeTrainingLock(control.storage.folder, control.storage.run, { patienceMs: control.storage.lockPatienceMs ?? 0, signal: control.signal });
  try {
    const file = control.storage === undefined ? undefined : stateFile(control.storage.folder, control.storage.run);
    const identity: TrainingIdentity = {
      data: { training: examplesSha256(examples), validation: examplesSha256(validation) },
      initialWeights: weightsSha256(model.initial),
      settings: { ...settings },
    };
    const start = (file === undefined ? undefined : readTrainingState(file, identity)) ?? firstState(model, identity, settings);
    const now = control.now ?? (() => performance.now());
    const progress = trackTraining({ label: control.label ?? 'training', epochs: settings.epochs, examples: examplesAnEpoch(examples.ends.length, settings.stride), unit: model.forward.outputs === 'many' ? 'sequences' : 'windows', epochsDone: start.curve.length, onProgress: control.onProgress, now });
    const end = await runEpochs(start, { examples, validation, model, settings, control, file, progress, keep: (state) => {
      if (file === undefined) return;
      lock?.check();
      writeTrainingState(file, state);
    } });
    return resultOf(end, model, settings, start.curve.length, progress.rate());
  } finally {
    lock?.release();
  }
}

interface Run {
  readonly examples: TrainingExamples;
  readonly validation: TrainingExamples;
  readonly model: TrainableModel;
  readonly settings: TrainingSettings;
  readonly control: TrainingControl;
  readonly file: string | undefined;
  readonly progress: TrainingProgress;
  /** Called after every epoch. */
  readonly keep: (state: TrainingState) => void;
}

async function runEpochs(start: TrainingState, run: Run): Promise<TrainingState> {
  const { model, examples, validation, settings } = run;
  if (start.finished) return start;
  const { tf } = model.tensorFlow;
  const layout = layoutOf(model.initial);
  const source = openExamples(tf, examples, model.forward);
  const unseen = openExamples(tf, validation, model.forward);
  const batches = orderedBatches(validation.ends.length, validationBatch(settings.batchSize));
  let parameters: AdamWState = { weights: tf.tensor1d(start.weights), firstMoment: tf.tensor1d(start.firstMoment), secondMoment: tf.tensor1d(start.secondMoment) };
  let state = start;
  let computer: BatchComputer | undefined;
  try {
    computer = await openComputer(run, start, layout, { training: source, validation: unseen });
    const { logits } = computer;
    while (!state.finished) {
      const epoch = state.curve.length + 1;
      const trained = await trainEpoch(run, { epoch, stepsBefore: state.steps, lossScale: state.lossScale, parameters, source, computer }, (next) => {
        disposeState(parameters);
        parameters = next;
      });
      run.progress.pause();
      const place = { epoch, batch: batches.length, stateFile: epoch > 1 ? run.file : undefined, mixed: settings.precision === 'mixed' };
      const { loss, accuracy } = await validate((batch) => logits(parameters.weights, batch), unseen, batches, breather(run.control)).catch((cause: unknown) => {
        throw stepError(cause, place, settings.batchSize, true);
      });
      if (!Number.isFinite(loss)) throw divergedError('validation loss', place, validation, Int32Array.from(validation.ends.keys()), run.control.columns);
      state = afterEpoch(state, parameters, { ...trained.record, validationLoss: loss, validationAccuracy: accuracy }, trained, settings);
      run.keep(state);
      run.progress.resume();
    }
    return state;
  } finally {
    await computer?.close();
    disposeState(parameters);
    source.dispose();
    unseen.dispose();
  }
}

async function openComputer({ model, examples, validation }: Run, { parts = 1 }: TrainingState, layout: ParameterLayout, sources: Splits<ExampleSource>): Promise<BatchComputer> {
  const { tensorFlow: { tf }, forward, parallel } = model;
  if (parallel === undefined || parts === 1) return wholeBatches({ tf, forward, layout }, sources);
  return openParallelBatches({ tf, forward, layout, architecture: parallel.architecture }, sources, { training: examples, validation }, parts);
}

interface EpochStart {
  /** From 1. */
  readonly epoch: number;
  readonly stepsBefore: number;
  readonly lossScale: LossScale | undefined;
  readonly parameters: AdamWState;
  readonly source: ExampleSource;
  readonly computer: BatchComputer;
}

type TrainedRecord = Omit<EpochRecord, 'validationLoss' | 'validationAccuracy'>;

/** What an epoch leaves, beside the parameters. */
interface TrainedEpoch {
  readonly record: TrainedRecord;
  readonly steps: number;
  readonly lossScale: LossScale | undefined;
}

/** An epoch's examples once, in an order of its own. `onStep` takes over each new state. */
async function trainEpoch(run: Run, start: EpochStart, onStep: (parameters: AdamWState) => void): Promise<TrainedEpoch> {
  const { examples, settings, control, file } = run;
  const { epoch, source, computer } = start;
  const breathe = breather(control);
  const batches = shuffledBatches(examples.ends.length, settings.batchSize, settings.seed, epoch, settings.stride);
  const total = { loss: 0, correct: 0, weight: 0 };
  let { parameters, stepsBefore: steps, lossScale } = start;
  let learningRate = 0;
  let largestGradient = 0;

  for (const [index, batch] of batches.entries()) {
    const place = { epoch, batch: index + 1, stateFile: epoch > 1 ? file : undefined, mixed: settings.precision === 'mixed' };
    const targets = source.targets(batch);
    learningRate = learningRateAt(settings.schedule, settings.learningRate, { epoch: epoch - 1, step: steps, steps: settings.epochs * batches.length });
    steps += 1;
    const { state, loss, norm, logits } = await computer.step(parameters, batch, targets, {
      learningRate,
      step: steps - (lossScale?.skipped ?? 0),
      lossScale: lossScale?.scale,
      weightDecay: settings.weightDecay,
      clipNorm: settings.clipNorm,
      positiveWeight: settings.positiveWeight,
      dropout: settings.dropout === 0 ? undefined : { rate: settings.dropout, seed: dropoutSeed(settings.seed, steps) },
    }).catch((cause: unknown) => {
      throw stepError(cause, place, settings.batchSize);
    });
    const skipped = isOverflow(lossScale, loss, norm);
    lossScale &&= nextLossScale(lossScale, skipped);
    if (skipped) disposeState(state);
    else if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      disposeState(state);
      throw divergedError(Number.isFinite(loss) ? 'gradient' : 'loss', place, examples, batch, control.columns);
    } else {
      onStep(state);
      parameters = state;
      largestGradient = Math.max(largestGradient, norm);
    }

    const score = scoreLogits(logits, targets);
    total.loss += loss * score.weight;
    total.correct += score.correct;
    total.weight += score.weight;
    run.progress.step(epoch, batch.length, total);
    await breathe();
  }
  return { record: { epoch, trainingLoss: total.loss / total.weight, trainingAccuracy: total.correct / total.weight, learningRate, largestGradient }, steps, lossScale };
}

/** The state at an epoch's end, as it is written. */
function afterEpoch(before: TrainingState, parameters: AdamWState, record: EpochRecord, { steps, lossScale }: TrainedEpoch, settings: TrainingSettings): TrainingState {
  const curve = [...before.curve, record];
  const weights = downloaded(parameters.weights);
  const best = bestEpoch(curve);
  return {
    identity: before.identity,
    steps,
    curve,
    ...(lossScale && { lossScale }),
    ...(before.parts && { parts: before.parts }),
    finished: curve.length >= settings.epochs || record.epoch - best.epoch >= settings.patience,
    weights,
    firstMoment: downloaded(parameters.firstMoment),
    secondMoment: downloaded(parameters.secondMoment),
    best: best === record ? weights : before.best,
  };
}

function firstState({ initial, parallel }: TrainableModel, identity: TrainingIdentity, { precision }: TrainingSettings): TrainingState {
  const layout = layoutOf(initial);
  const weights = flatten(initial, layout);
  return { identity, steps: 0, curve: [], finished: false, ...(precision === 'mixed' && { lossScale: FIRST_LOSS_SCALE }), ...(parallel && { parts: parallel.parts }), weights, firstMoment: new Float32Array(layout.size), secondMoment: new Float32Array(layout.size), best: weights };
}

function resultOf(end: TrainingState, model: TrainableModel, settings: TrainingSettings, resumedAfter: number, rate: number | undefined): TrainingResult {
  const best = bestEpoch(end.curve);
  return {
    weights: unflatten(end.best, layoutOf(model.initial)),
    best,
    curve: end.curve,
    stopped: end.curve.length - best.epoch >= settings.patience ? 'patience' : 'epochs',
    resumedAfter,
    ...(rate === undefined ? {} : { windowsPerSecond: rate }),
    data: end.identity.data,
  };
}

/** The first of the lowest validation loss. */
function bestEpoch(curve: readonly EpochRecord[]): EpochRecord {
  return curve.reduce((best, record) => (record.validationLoss < best.validationLoss ? record : best));
}

/** Differs from step to step and from seed to seed; a positive int32, never 0, which TensorFlow takes for "no seed". */
function dropoutSeed(seed: number, step: number): number {
  const mixed = Math.imul(Math.imul(seed + 1, 0x9e3779b1) ^ step, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) & 0x7fffffff) | 1;
}

function downloaded(vector: AdamWState['weights']): Float32Array {
  return Float32Array.from(vector.dataSync());
}

function disposeState({ weights, firstMoment, secondMoment }: AdamWState): void {
  for (const vector of [weights, firstMoment, secondMoment]) vector.dispose();
}

/** Lets events be heard now and then, and stops where the caller said so. */
function breather({ signal }: JobControl): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await new Promise((done) => setImmediate(done));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
