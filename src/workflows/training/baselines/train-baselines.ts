import { availableParallelism } from 'node:os';
import { ensureWritable } from '../../../atomic-file.js';
import { InputError, SetupError } from '../../../errors.js';
import { trialsFile } from '../../../training/trials.js';
import { DEFAULTS } from '../../evaluate-options.js';
import { loadFeatureSet } from '../../load-feature-set.js';
import { planData, type DataOptions, type DataPlan } from '../data-plan.js';
import { foldsOf, requireRowsForFolds, type FoldKind } from '../folds.js';
import { requireData, TRAIN_DEFAULTS } from '../train.js';
import type { TrainModelControl } from '../train-model.js';
import { BOOSTING_DEFAULTS } from './boosting.js';
import { findLightGbm, type FindLightGbmOptions } from './find-lightgbm.js';
import { trainBaseline, type BaselineKind, type BaselineSettings, type TrainedBaseline } from './train-baseline.js';

export interface BaselineOptions extends DataOptions {
  readonly kinds: readonly BaselineKind[];
  /** Default `v2-50`. */
  readonly featureSet?: string | undefined;
  readonly horizon?: number | undefined;
  readonly embargo?: number | undefined;
  readonly maxGap?: number | undefined;
  /** Default true. */
  readonly calibrate?: boolean | undefined;
  /** Of the logistic regression; default 1. */
  readonly ridge?: number | undefined;
  /** Trees of the boosting, at most. */
  readonly rounds?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
  /** The boosting once a seed, instead of `seed`; a logistic regression draws nothing. */
  readonly seeds?: readonly number[] | undefined;
  /** Cross-validate in so many folds over the rows before the test split, instead of training models for use. */
  readonly folds?: number | undefined;
  /** Default `walk-forward`. */
  readonly foldKind?: FoldKind | undefined;
  /** A Python that has LightGBM; default: what is found. */
  readonly python?: string | undefined;
  readonly outDir?: string | undefined;
}

/**
 * Trains baselines, one symbol and kind after the other: each takes all cores, and seconds.
 * @throws InputError, SetupError of the parts; an AbortError when stopped
 */
export async function trainBaselines(options: BaselineOptions, control: TrainModelControl & { readonly onPlan?: (plan: DataPlan) => void; readonly onTrained?: (baseline: TrainedBaseline) => void }): Promise<readonly TrainedBaseline[]> {
  const plan = planData(options);
  requireData(plan);
  const outDir = options.outDir ?? TRAIN_DEFAULTS.outDir;
  ensureWritable(outDir);
  const settings: BaselineSettings[] = [];
  for (const kind of new Set(options.kinds)) settings.push(...(await settingsOf(kind, options, control.signal)));
  const featureSet = options.featureSet ?? TRAIN_DEFAULTS.featureSet;
  if (options.folds !== undefined) requireRowsForFolds(plan, (await loadFeatureSet(featureSet, 'causal')).set, [{ windowLength: 1 }], options);
  control.onPlan?.(plan);
  const maxGap = options.maxGap ?? DEFAULTS.maxGap;
  const trained: TrainedBaseline[] = [];
  for (const files of plan.symbols) {
    for (const [each, fold] of settings.flatMap((each) => foldsOf(options).map((fold) => [each, fold] as const))) {
      const baseline = await trainBaseline({
        files,
        featureSet,
        horizon: options.horizon ?? DEFAULTS.horizon,
        embargo: options.embargo,
        fold,
        maxGap: maxGap === Infinity ? 'any' : maxGap,
        calibrate: options.calibrate ?? true,
        threads: availableParallelism(),
        outDir,
        trialsFile: trialsFile(outDir),
        settings: each,
      }, control);
      control.onTrained?.(baseline);
      trained.push(baseline);
    }
  }
  return trained;
}

/** The baselines that can be trained here: boosting only where a Python with LightGBM is found. */
export async function availableBaselines(options: FindLightGbmOptions = {}): Promise<readonly BaselineKind[]> {
  try {
    await findLightGbm(options);
    return ['logistic', 'boosting'];
  } catch (error) {
    if (error instanceof SetupError) return ['logistic'];
    throw error;
  }
}

/** One a seed where seeds matter. */
async function settingsOf(model: BaselineKind, { ridge, rounds, learningRate, patience, seed, seeds, python }: BaselineOptions, signal: AbortSignal | undefined): Promise<BaselineSettings[]> {
  if (model === 'logistic') return [{ model, ridge: ridge ?? 1 }];
  if (learningRate === 0) throw new InputError('learningRate must be a number > 0, not 0', { code: 'bad-training-setting', hint: `give it a number > 0; the default is ${BOOSTING_DEFAULTS.learningRate}` });
  const found = await findLightGbm({ python, signal });
  return [...new Set(seeds ?? [seed ?? BOOSTING_DEFAULTS.seed])].map((each) => ({
    model,
    python: found,
    rounds: rounds ?? BOOSTING_DEFAULTS.rounds,
    learningRate: learningRate ?? BOOSTING_DEFAULTS.learningRate,
    patience: patience ?? BOOSTING_DEFAULTS.patience,
    seed: each,
  }));
}
