import { availableParallelism } from 'node:os';
import { ensureWritable } from '../../../atomic-file.js';
import { InputError } from '../../../errors.js';
import { trialsFile } from '../../../training/trials.js';
import { DEFAULTS } from '../../evaluate-options.js';
import { planData, type DataOptions, type DataPlan } from '../data-plan.js';
import { requireData, TRAIN_DEFAULTS } from '../train.js';
import type { TrainModelControl } from '../train-model.js';
import { BOOSTING_DEFAULTS } from './boosting.js';
import { findLightGbm } from './find-lightgbm.js';
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
  const kinds = [...new Set(options.kinds)];
  const settings: BaselineSettings[] = [];
  for (const kind of kinds) settings.push(await settingsOf(kind, options, control.signal));
  control.onPlan?.(plan);
  const maxGap = options.maxGap ?? DEFAULTS.maxGap;
  const trained: TrainedBaseline[] = [];
  for (const files of plan.symbols) {
    for (const each of settings) {
      const baseline = await trainBaseline({
        files,
        featureSet: options.featureSet ?? TRAIN_DEFAULTS.featureSet,
        horizon: options.horizon ?? DEFAULTS.horizon,
        embargo: options.embargo,
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

async function settingsOf(model: BaselineKind, { ridge, rounds, learningRate, patience, seed, python }: BaselineOptions, signal: AbortSignal | undefined): Promise<BaselineSettings> {
  if (model === 'logistic') return { model, ridge: ridge ?? 1 };
  if (learningRate === 0) throw new InputError('learningRate must be a number > 0, not 0', { code: 'bad-training-setting', hint: `give it a number > 0; the default is ${BOOSTING_DEFAULTS.learningRate}` });
  return {
    model,
    python: await findLightGbm({ python, signal }),
    rounds: rounds ?? BOOSTING_DEFAULTS.rounds,
    learningRate: learningRate ?? BOOSTING_DEFAULTS.learningRate,
    patience: patience ?? BOOSTING_DEFAULTS.patience,
    seed: seed ?? BOOSTING_DEFAULTS.seed,
  };
}
