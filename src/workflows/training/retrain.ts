import { availableParallelism } from 'node:os';
import { ensureWritable } from '../../atomic-file.js';
import type { Device } from '../../engines/tensorflow/tensorflow.js';
import type { Gates } from '../../evaluation/evaluation.js';
import { readCheckpoint } from '../../models/read-checkpoint.js';
import type { TrainingSettings } from '../../training/training-settings.js';
import { openSlots, type Slots } from '../../slots.js';
import { countTrials, ensureRecordable, trialsFile } from '../../training/trials.js';
import { evaluate, type EvaluateRun } from '../evaluate.js';
import { DEFAULTS } from '../evaluate-options.js';
import type { Precision } from './choose-precision.js';
import { planData, type DataOptions, type DataPlan, type SymbolFiles } from './data-plan.js';
import { openKeptTries, type KeptTries } from './kept-tries.js';
import type { ModelKind } from './model-kinds.js';
import { startingPoint, type TrialSettings } from './propose.js';
import { searchSettings, type FailedTry, type Search, type SearchTrial } from './search.js';
import type { TrainedModel, TrainTask } from './train-model.js';
import { trainInProcess, type TrainControl } from './train-processes.js';
import { requireData, sideBySide } from './train.js';
import { writeModel, type ModelFormat } from './write-model.js';

export interface RetrainOptions extends DataOptions {
  /** Kinds of model the search may choose from; it begins with the first. Default `tcn`, `lstm`. */
  readonly models?: readonly ModelKind[] | undefined;
  /** Feature sets it may choose from; it begins with the first. Default `v2-50`. */
  readonly featureSets?: readonly string[] | undefined;
  /** Minutes to search, from now also where an interrupted search goes on. Default 30. */
  readonly budgetMinutes?: number | undefined;
  /** Tries a symbol. Default 20. */
  readonly mostTrials?: number | undefined;
  readonly accuracyGate?: number | undefined;
  readonly calibrationGate?: number | undefined;
  readonly horizon?: number | undefined;
  readonly maxGap?: number | undefined;
  /** What every try starts from, beside the kind's own settings. */
  readonly settings?: Partial<TrainingSettings> | undefined;
  readonly device?: Device | undefined;
  /** Default `mixed` on a GPU, `fp32` on a CPU. */
  readonly precision?: Precision | undefined;
  readonly processes?: number | undefined;
  readonly formats?: readonly ModelFormat[] | undefined;
  readonly seed?: number | undefined;
  /** Folder of the chosen models. */
  readonly outDir?: string | undefined;
  /** Folder of the evaluation. */
  readonly resultsDir?: string | undefined;
}

export interface SymbolSearch extends Search {
  readonly symbol: string;
  /** The chosen model, as it was written to the output folder. */
  readonly files: readonly string[];
}

export interface RetrainRun {
  readonly plan: DataPlan;
  readonly searches: readonly SymbolSearch[];
  /** The one look at the test rows. */
  readonly evaluation: EvaluateRun;
}

export interface RetrainControl extends TrainControl {
  /** ms since the epoch. */
  readonly now: () => number;
  readonly onPlan?: ((plan: DataPlan) => void) | undefined;
  readonly onTrial?: ((symbol: string, trial: SearchTrial) => void) | undefined;
  readonly onFailed?: ((symbol: string, failed: FailedTry) => void) | undefined;
}

export const RETRAIN_DEFAULTS = { models: ['tcn', 'lstm'], featureSets: ['v2-50'], budgetMinutes: 30, mostTrials: 20, outDir: 'models/new', resultsDir: 'results' } as const;

/**
 * Train, evaluate on validation, adjust, until a model of each symbol passes both gates there or the budget is spent;
 * then one evaluation on the test rows of what was chosen, whose report says how many tries came before it. Interrupted,
 * it leaves what was tried in the output folder, and the same options go on from there without training any of it again.
 * @throws InputError, SetupError, TemporaryError of the parts; an AbortError when stopped
 */
export async function retrain(options: RetrainOptions, control: RetrainControl): Promise<RetrainRun> {
  const plan = planData(options);
  requireData(plan);
  const outDir = options.outDir ?? RETRAIN_DEFAULTS.outDir;
  ensureWritable(outDir);
  ensureWritable(options.resultsDir ?? RETRAIN_DEFAULTS.resultsDir);
  ensureRecordable(trialsFile(outDir));
  control.onPlan?.(plan);
  const gates = { accuracy: options.accuracyGate ?? DEFAULTS.accuracyGate, calibration: options.calibrationGate ?? DEFAULTS.calibrationGate };
  const deadline = control.now() + 60_000 * (options.budgetMinutes ?? RETRAIN_DEFAULTS.budgetMinutes);
  const processes = sideBySide(plan.symbols.length, options);
  const slots = openSlots(processes);
  const threads = Math.max(1, Math.floor(availableParallelism() / processes));
  const kept: KeptTries[] = [];
  let over = false;
  try {
    for (const files of plan.symbols) {
      const tries = openKeptTries(outDir, files);
      kept.push(tries);
      if (tries.done > 0) control.onNote?.(`${files.symbol}: ${tries.done} ${tries.done === 1 ? 'try' : 'tries'} of an interrupted search in ${tries.folder}; what comes up again is not trained again`);
    }
    const searches = await allOrNone(control.signal, (signal) => plan.symbols.map((files, at) => searchSymbol(files, kept[at], { options, outDir, gates, deadline, slots, threads, control: { ...control, signal } })));
    const evaluation = await lookAtTestRows(plan, searches, gates, options, control);
    over = true;
    return { plan, searches, evaluation };
  } finally {
    for (const tries of kept) tries.close(over ? 'remove' : control.signal?.aborted === true ? 'keep' : 'keep-done');
  }
}

async function lookAtTestRows(plan: DataPlan, searches: readonly SymbolSearch[], gates: Gates, options: RetrainOptions, control: RetrainControl): Promise<EvaluateRun> {
  return evaluate(
    {
      models: searches.map(({ files }) => files[0]),
      ...(options.candles === undefined && options.features === undefined ? { candles: plan.symbols.flatMap(({ candles }) => candles), features: plan.symbols.flatMap(({ features }) => features) } : { candles: options.candles, features: options.features }),
      featureSet: undefined,
      out: options.resultsDir ?? RETRAIN_DEFAULTS.resultsDir,
      maxGap: options.maxGap,
      accuracyGate: gates.accuracy,
      calibrationGate: gates.calibration,
    },
    { ...control, now: control.now(), onPlan: undefined },
  );
}

interface SymbolRun {
  readonly options: RetrainOptions;
  readonly outDir: string;
  readonly gates: Gates;
  readonly deadline: number;
  readonly slots: Slots;
  readonly threads: number;
  readonly control: RetrainControl;
}

async function searchSymbol(files: SymbolFiles, tries: KeptTries, { options, outDir, gates, deadline, slots, threads, control }: SymbolRun): Promise<SymbolSearch> {
  const { symbol } = files;
  const models = options.models ?? RETRAIN_DEFAULTS.models;
  const featureSets = options.featureSets ?? RETRAIN_DEFAULTS.featureSets;
  const horizon = options.horizon ?? DEFAULTS.horizon;
  const seed = options.seed ?? DEFAULTS.seed;
  const task = (settings: TrialSettings): Omit<TrainTask, 'outDir'> => ({
    symbols: [files],
    model: settings.model,
    sizes: { width: settings.width, layers: settings.layers },
    featureSet: settings.featureSet,
    horizon,
    maxGap: options.maxGap === Infinity ? 'any' : (options.maxGap ?? DEFAULTS.maxGap),
    settings: settings.training,
    calibrate: true,
    device: options.device ?? 'auto',
    precision: options.precision,
    threads,
    formats: ['safetensors'],
    trialsFile: trialsFile(outDir),
  });
  const search = await searchSettings({
    start: startingPoint(models[0], featureSets[0], { ...options.settings, seed }),
    space: { models, featureSets },
    gates,
    horizon,
    seed,
    mostTrials: options.mostTrials ?? RETRAIN_DEFAULTS.mostTrials,
    timeFor: (ms) => control.now() + ms <= deadline,
    train: (settings, number) => slots.run(() => tries.run(task(settings), (each) => trainUntil(number === 1 ? Infinity : deadline, each, control))),
    onTrial: (trial) => control.onTrial?.(symbol, trial),
    onFailed: (failed) => control.onFailed?.(symbol, failed),
  });
  return { ...search, symbol, files: keepChosen(search, outDir, options.formats ?? ['safetensors']) };
}

/** All of the work, or the first failure once the rest of it, told to stop, has ended: nothing goes on unheard. */
async function allOrNone<T>(signal: AbortSignal | undefined, begin: (signal: AbortSignal) => readonly Promise<T>[]): Promise<T[]> {
  const failed = new AbortController();
  const work = begin(signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]));
  try {
    return await Promise.all(work);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(work);
    throw error;
  }
}

/** The model, or undefined when the time was up before it was trained. */
async function trainUntil(deadline: number, task: TrainTask, control: RetrainControl): Promise<TrainedModel | undefined> {
  const left = deadline - control.now();
  if (left <= 0) return undefined;
  const timeUp = new AbortController();
  const timer = left === Infinity ? undefined : setTimeout(() => timeUp.abort(), Math.min(left, LONGEST_TIMER_MS));
  const signal = control.signal === undefined ? timeUp.signal : AbortSignal.any([control.signal, timeUp.signal]);
  try {
    return await trainInProcess(task, { ...control, signal });
  } catch (error) {
    if (timeUp.signal.aborted && control.signal?.aborted !== true) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** setTimeout's own limit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The best trial's model, which now says how many tries it was chosen from. */
function keepChosen(search: Search, outDir: string, formats: readonly ModelFormat[]): string[] {
  const { model } = search.trials[search.best];
  const checkpoint = readCheckpoint(model.files[0]);
  const manifest = { ...checkpoint.manifest, metrics: { ...checkpoint.manifest.metrics, trials: countTrials(trialsFile(outDir), model.symbol) } };
  return writeModel({ outDir, formats }, model.symbol, { ...checkpoint, manifest });
}
