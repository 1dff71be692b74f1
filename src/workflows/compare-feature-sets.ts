import { join } from 'node:path';
import { InputError } from '../errors.js';
import { pairedLogLoss, type PairedLogLoss } from '../evaluation/paired-log-loss.js';
import { addFeatureRecipe, isKnownEverywhere } from '../features/feature-recipes.js';
import type { FeatureRecipe } from '../features/feature-recipe.js';
import type { JobControl } from '../progress.js';
import type { TrainingSettings } from '../training/training-settings.js';
import { compareModels, type CompareRun } from './compare.js';
import { planData } from './training/data-plan.js';
import type { BaselineKind } from './training/baselines/train-baseline.js';
import { trainBaselines } from './training/baselines/train-baselines.js';
import type { ModelKind, ModelSizes } from './training/model-kinds.js';
import { trainTasks } from './training/train.js';
import { trainModel } from './training/train-model.js';

export interface CompareFeatureSetsOptions extends Pick<ModelSizes, 'width' | 'layers'> {
  readonly candles: readonly string[];
  readonly symbol: string;
  /** What the others are held against. */
  readonly base: FeatureRecipe;
  readonly others: readonly FeatureRecipe[];
  /** Trained once on each set, with the same settings and seed. */
  readonly kinds: readonly (ModelKind | BaselineKind)[];
  /** Of the networks: what differs from the kind's own settings. */
  readonly settings?: Partial<TrainingSettings> | undefined;
  /** Folder of the results; the models are in `models` in it. */
  readonly out: string;
}

/** What a model of one kind gains by another feature set. Below 0: its log loss is lower. */
export interface FeatureSetGain extends PairedLogLoss {
  /** `tcn v2-50-mine`. */
  readonly name: string;
  /** `tcn v2-50`. */
  readonly base: string;
}

export interface CompareFeatureSetsRun extends CompareRun {
  /** By kind, then by set. */
  readonly gains: readonly FeatureSetGain[];
}

/**
 * Trains models of the same kinds on several feature sets and compares them on the same test windows: whether a feature
 * of one's own adds anything to what a model knows already. In this process, which alone may know a set of one's own.
 * Every training is recorded as a try.
 * @throws InputError `unknown-symbol`; what training and `compareModels` throw; an AbortError when `control.signal` fires
 */
export async function compareFeatureSets(options: CompareFeatureSetsOptions, control: JobControl & { readonly now: () => number }): Promise<CompareFeatureSetsRun> {
  const { candles, symbol, base, others, kinds, out } = options;
  const sets = [base, ...others];
  for (const recipe of sets) if (!isKnownEverywhere(recipe.set)) addFeatureRecipe(recipe);
  const trained: { readonly kind: string; readonly set: string; readonly file: string }[] = [];
  for (const kind of kinds) {
    for (const { set } of sets) {
      control.signal?.throwIfAborted();
      trained.push({ kind, set: set.name, file: await trainOne(kind, set.name, options, control) });
    }
  }
  const run = await compareModels({ models: trained.map(({ file }) => file), candles, symbols: [symbol], against: trained[0].file, out }, { ...control, now: control.now() });
  const [{ models }] = run.comparison.symbols;
  const compared = (kind: string, set: string) => {
    const file = trained.find((each) => each.kind === kind && each.set === set)?.file ?? '';
    return models.find(({ model }) => file.endsWith(model))!;
  };
  const gains = kinds.flatMap((kind) =>
    others.map(({ set }): FeatureSetGain => {
      const [extended, plain] = [compared(kind, set.name), compared(kind, base.set.name)];
      return { name: extended.name, base: plain.name, ...pairedLogLoss(extended.scored, plain.scored) };
    }),
  );
  return { ...run, gains };
}

async function trainOne(kind: ModelKind | BaselineKind, featureSet: string, options: CompareFeatureSetsOptions, control: JobControl & { readonly now: () => number }): Promise<string> {
  const { candles, symbol, width, layers, settings, out } = options;
  const data = { candles, symbols: [symbol], featureSet, outDir: join(out, 'models') };
  if (kind === 'logistic' || kind === 'boosting') return (await trainBaselines({ ...data, kinds: [kind] }, control))[0].files[0];
  const plan = planData(data);
  const [task] = await trainTasks(plan, { ...data, model: kind, width, layers, settings });
  if (task === undefined) throw new InputError(`there are no candles of ${symbol}`, { code: 'no-data', hint: 'name the data with --candles or --features' });
  return (await trainModel(task, control)).files[0];
}
