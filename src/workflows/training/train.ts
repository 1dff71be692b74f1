import { availableParallelism } from 'node:os';
import { ensureWritable } from '../../atomic-file.js';
import { InputError } from '../../errors.js';
import type { Device } from '../../engines/tensorflow/tensorflow.js';
import type { TrainingSettings } from '../../training/training-settings.js';
import { trialsFile } from '../../training/trials.js';
import { loadFeatureSet } from '../load-feature-set.js';
import { DEFAULTS } from '../evaluate-options.js';
import { planData, type DataOptions, type DataPlan } from './data-plan.js';
import { KIND_SETTINGS, type ModelKind, type ModelSizes } from './model-kinds.js';
import type { TrainTask } from './train-model.js';
import { trainSideBySide, type TrainControl, type TrainOutcome } from './train-processes.js';
import type { ModelFormat } from './write-model.js';

export interface TrainOptions extends DataOptions, ModelSizes {
  /** Default `lstm`. */
  readonly model?: ModelKind | undefined;
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
  /** Models trained side by side; default one a core, and one on a GPU. */
  readonly processes?: number | undefined;
  readonly formats?: readonly ModelFormat[] | undefined;
  readonly outDir?: string | undefined;
}

export interface TrainRun {
  readonly plan: DataPlan;
  readonly outcomes: readonly TrainOutcome[];
}

export const TRAIN_DEFAULTS = { model: 'lstm', featureSet: 'v2-50', outDir: 'models/new', device: 'auto', formats: ['safetensors'] } as const;

/**
 * Trains a model a symbol, side by side in processes of their own, or one of all of them.
 * @throws InputError where nothing can be trained; what becomes of each symbol stands in its outcome
 */
export async function trainModels(options: TrainOptions, control: TrainControl & { readonly onPlan?: (plan: DataPlan, tasks: readonly TrainTask[]) => void }): Promise<TrainRun> {
  const plan = planData(options);
  const tasks = await trainTasks(plan, options);
  control.onPlan?.(plan, tasks);
  const outcomes = await trainSideBySide(tasks, sideBySide(tasks.length, options), control);
  return { plan, outcomes };
}

/** One task a symbol, or one of all. @throws InputError `bad-training-setting`, `no-data`, `cannot-write`, those of the feature set */
export async function trainTasks(plan: DataPlan, options: TrainOptions): Promise<TrainTask[]> {
  requireData(plan);
  const outDir = options.outDir ?? TRAIN_DEFAULTS.outDir;
  ensureWritable(outDir);
  const featureSet = options.featureSet ?? TRAIN_DEFAULTS.featureSet;
  await loadFeatureSet(featureSet, 'causal');
  const model = options.model ?? TRAIN_DEFAULTS.model;
  const { width, layers, windowLength } = options;
  if (model === 'tcn' && windowLength !== undefined) {
    throw new InputError(`a TCN's window follows from its layers, and --window-length ${windowLength} was given`, { code: 'option-does-not-fit', hint: 'choose it with --layers: 6 layers see 64 rows, 7 see 128' });
  }
  const groups = options.pool === true ? [plan.symbols] : plan.symbols.map((symbol) => [symbol]);
  const maxGap = options.maxGap ?? DEFAULTS.maxGap;
  const processes = sideBySide(groups.length, options);
  return groups.map((symbols): TrainTask => ({
    symbols,
    model,
    sizes: { ...(width === undefined ? {} : { width }), ...(layers === undefined ? {} : { layers }), ...(windowLength === undefined ? {} : { windowLength }) },
    featureSet,
    horizon: options.horizon ?? DEFAULTS.horizon,
    embargo: options.embargo,
    maxGap: maxGap === Infinity ? 'any' : maxGap,
    settings: { ...KIND_SETTINGS[model], ...options.settings },
    calibrate: options.calibrate ?? true,
    device: options.device ?? TRAIN_DEFAULTS.device,
    threads: Math.max(1, Math.floor(availableParallelism() / processes)),
    formats: options.formats ?? TRAIN_DEFAULTS.formats,
    outDir,
    trialsFile: trialsFile(outDir),
  }));
}

/** On a CPU as many as there are cores; a GPU is not shared. */
function sideBySide(tasks: number, { processes, device }: TrainOptions): number {
  return Math.max(1, Math.min(tasks, processes ?? (device === 'gpu' ? 1 : availableParallelism())));
}


/** @throws InputError `no-data` */
export function requireData({ symbols, source }: DataPlan): void {
  if (symbols.length === 0) throw new InputError(`there are no candles or features in ${source}`, { code: 'no-data', hint: 'name the data with --candles or --features' });
}
