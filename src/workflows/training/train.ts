import { availableParallelism } from 'node:os';
import { isAbsolute, relative } from 'node:path';
import { ensureWritable } from '../../atomic-file.js';
import { InputError } from '../../errors.js';
import { nvidiaGpus } from '../../engines/tensorflow/nvidia.js';
import type { Device } from '../../engines/tensorflow/tensorflow.js';
import type { TrainingSettings } from '../../training/training-settings.js';
import { trialsFile } from '../../training/trials.js';
import { isKnownEverywhere } from '../../features/feature-recipes.js';
import { TRAINING } from '../distributed/job-kinds.js';
import { settleDistributed } from '../distributed/run-distributed.js';
import { loadFeatureSet } from '../load-feature-set.js';
import { DEFAULTS } from '../evaluate-options.js';
import type { Precision } from './choose-precision.js';
import { planData, type DataOptions, type DataPlan, type SymbolFiles } from './data-plan.js';
import { foldsOf, requireRowsForFolds, type FoldKind } from './folds.js';
import { chooseModel, KIND_SETTINGS, type ModelKind, type ModelSizes } from './model-kinds.js';
import type { TrainTask } from './train-model.js';
import { trainSideBySide, type TrainControl, type TrainOutcome } from './train-processes.js';
import type { ModelFormat } from './write-model.js';

export interface TrainOptions extends DataOptions, ModelSizes {
  /** Default `lstm`. */
  readonly model?: ModelKind | undefined;
  /** Several kinds: every one is trained of each symbol. Instead of `model`. */
  readonly models?: readonly ModelKind[] | undefined;
  /** Every model once a seed. Default: the one of `settings`. */
  readonly seeds?: readonly number[] | undefined;
  /** Cross-validate in so many folds over the rows before the test split, instead of training models for use. */
  readonly folds?: number | undefined;
  /** Default `walk-forward`. */
  readonly foldKind?: FoldKind | undefined;
  /** Default `v2-50`. */
  readonly featureSet?: string | undefined;
  /** One model of all symbols together. */
  readonly pool?: boolean | undefined;
  readonly horizon?: number | undefined;
  readonly embargo?: number | undefined;
  readonly maxGap?: number | undefined;
  /** What differs from the kind's own settings. */
  readonly settings?: Partial<TrainingSettings> | undefined;
  /** Default true. */
  readonly calibrate?: boolean | undefined;
  readonly device?: Device | undefined;
  /** Default `mixed` on a GPU, `fp32` on a CPU. */
  readonly precision?: Precision | undefined;
  /** Models trained side by side; default one a core, and one on a GPU. */
  readonly processes?: number | undefined;
  /** Have the workers of this queue train: `redis://host:6379[/prefix]`. */
  readonly queue?: string | undefined;
  readonly formats?: readonly ModelFormat[] | undefined;
  readonly outDir?: string | undefined;
}

export interface TrainRun {
  readonly plan: DataPlan;
  readonly outcomes: readonly TrainOutcome[];
}

export const TRAIN_DEFAULTS = { model: 'lstm', featureSet: 'v2-50', outDir: 'models/new', device: 'auto', formats: ['safetensors'] } as const;

/**
 * Trains a model of each symbol, kind, fold and seed: side by side in processes of their own, or by the workers of a queue.
 * @throws InputError where nothing can be trained; what becomes of each symbol stands in its outcome
 */
export async function trainModels(options: TrainOptions, control: TrainControl & { readonly onPlan?: (plan: DataPlan, tasks: readonly TrainTask[]) => void }): Promise<TrainRun> {
  const plan = planData(options);
  const tasks = await trainTasks(plan, options);
  control.onPlan?.(plan, tasks);
  const outcomes = options.queue === undefined ? await trainSideBySide(tasks, sideBySide(tasks.length, options), control) : await trainByWorkers(tasks, options.queue, control);
  return { plan, outcomes };
}

async function trainByWorkers(tasks: readonly TrainTask[], queue: string, control: TrainControl): Promise<readonly TrainOutcome[]> {
  const outcomes = await settleDistributed(TRAINING, tasks, { ...control, queue });
  return outcomes.map((outcome, at) => ('result' in outcome ? { task: tasks[at], model: outcome.result } : { task: tasks[at], error: outcome.error }));
}

/**
 * The grid of symbol x kind x fold x seed, one task each; with `pool` all symbols are one.
 * @throws InputError `no-data`, `cannot-write`, `option-does-not-fit`, `feature-set-local`, `too-few-rows`, those of the feature set
 */
export async function trainTasks(plan: DataPlan, options: TrainOptions): Promise<TrainTask[]> {
  requireData(plan);
  const outDir = options.outDir ?? TRAIN_DEFAULTS.outDir;
  ensureWritable(outDir);
  const featureSet = options.featureSet ?? TRAIN_DEFAULTS.featureSet;
  const { set } = await loadFeatureSet(featureSet, 'causal');
  if (options.queue !== undefined && !isKnownEverywhere(set)) {
    throw new InputError(`the workers of a queue do not know ${set.name}`, { code: 'feature-set-local', hint: 'train on a set of your own without --queue' });
  }
  const models = unique(options.models ?? [options.model ?? TRAIN_DEFAULTS.model]);
  const { width, layers, windowLength } = options;
  if (models.includes('tcn') && windowLength !== undefined) {
    throw new InputError(`a TCN's window follows from its layers, and --window-length ${windowLength} was given`, { code: 'option-does-not-fit', hint: 'choose it with --layers: 6 layers see 64 rows, 7 see 128' });
  }
  const symbols = options.queue === undefined ? plan.symbols : plan.symbols.map(underSharedRoot);
  const groups = options.pool === true ? [symbols] : symbols.map((symbol) => [symbol]);
  const folds = foldsOf(options);
  if (options.folds !== undefined) requireRowsForFolds(plan, set, models.map((model) => chooseModel(model, set.columns.length, options)), options);
  const grid = groups.flatMap((group) => models.flatMap((model) => folds.flatMap((fold) => unique(options.seeds ?? [undefined]).map((seed) => ({ group, model, fold, seed })))));
  const maxGap = options.maxGap ?? DEFAULTS.maxGap;
  const processes = sideBySide(grid.length, options);
  return grid.map(({ group, model, fold, seed }, index): TrainTask => ({
    symbols: group,
    model,
    sizes: { ...(width === undefined ? {} : { width }), ...(layers === undefined ? {} : { layers }), ...(windowLength === undefined ? {} : { windowLength }) },
    featureSet,
    horizon: options.horizon ?? DEFAULTS.horizon,
    ...(options.embargo === undefined ? {} : { embargo: options.embargo }),
    ...(fold === undefined ? {} : { fold }),
    maxGap: maxGap === Infinity ? 'any' : maxGap,
    settings: asJson({ ...KIND_SETTINGS[model], ...options.settings, ...(seed === undefined ? {} : { seed }) }),
    calibrate: options.calibrate ?? true,
    device: options.device ?? TRAIN_DEFAULTS.device,
    ...(options.precision === undefined ? {} : { precision: options.precision }),
    threads: options.queue === undefined ? threadsFor(index, grid.length, processes) : 1,
    formats: options.formats ?? TRAIN_DEFAULTS.formats,
    outDir,
    trialsFile: trialsFile(outDir),
  }));
}

/** Paths inside the current folder, the shared root, as every worker may have it mounted elsewhere. */
function underSharedRoot({ symbol, candles, features }: SymbolFiles): SymbolFiles {
  const shared = (path: string): string => {
    const inside = relative(process.cwd(), path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
  };
  return { symbol, candles: candles.map(shared), features: features.map(shared) };
}

/** JSON has no Infinity, and another process is told in JSON: the largest number clips no gradient either. */
function asJson(settings: TrainingSettings): TrainingSettings {
  return { ...settings, clipNorm: Math.min(settings.clipNorm, Number.MAX_VALUE) };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Cores that a training has to itself. Those left over when the others have had their turn, fewer than there are processes, divide all cores. */
export function threadsFor(index: number, tasks: number, processes: number, cores = availableParallelism()): number {
  const leftOver = tasks % processes;
  return Math.max(1, Math.floor(cores / (index < tasks - leftOver ? processes : leftOver)));
}

/** On a CPU as many as there are cores; a GPU is not shared. @param findGpus asked where the device is open, `auto` */
export function sideBySide(tasks: number, { processes, device = 'auto' }: Pick<TrainOptions, 'processes' | 'device'>, findGpus: () => readonly unknown[] = nvidiaGpus): number {
  const onGpu = (): boolean => device === 'gpu' || (device === 'auto' && findGpus().length > 0);
  return Math.max(1, Math.min(tasks, processes ?? (onGpu() ? 1 : availableParallelism())));
}


/** @throws InputError `no-data` */
export function requireData({ symbols, source }: DataPlan): void {
  if (symbols.length === 0) throw new InputError(`there are no candles or features in ${source}`, { code: 'no-data', hint: 'name the data with --candles or --features' });
}
