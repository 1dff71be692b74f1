import { readCandles } from '../../candles/read-candles.js';
import { purgedKFold, walkForward, type Fold } from '../../datasets/cross-validation.js';
import { splitRows, type RowRange } from '../../datasets/split.js';
import { InputError } from '../../errors.js';
import type { FeatureSet } from '../../features/feature-set.js';
import { DEFAULTS } from '../evaluate-options.js';
import type { DataPlan } from './data-plan.js';
import type { ChosenModel } from './model-kinds.js';

/** How `--folds` divides rows: tested on what follows, or on every block by what lies on both sides of it. */
export const FOLD_KINDS = ['walk-forward', 'purged'] as const;
export type FoldKind = (typeof FOLD_KINDS)[number];

/** One fold of a cross-validation: plain JSON, whose rows follow from the data. */
export interface TaskFold {
  readonly kind: FoldKind;
  readonly folds: number;
  /** From 1. */
  readonly fold: number;
}

/** What a training learns from, chooses by and is judged on. */
export interface ExampleRanges {
  /** Stretches in order of time: purged k-fold leaves a hole. */
  readonly train: readonly RowRange[];
  /** Chooses the epoch and the calibration. */
  readonly validation: RowRange;
  /** Seen by neither: judges a fold. Absent in the one chronological split, where `crpbot evaluate` judges on the test rows. */
  readonly heldOut?: RowRange;
}

export interface RangeOptions {
  readonly windowLength: number;
  readonly horizon: number;
  /** Rows dropped between parts, the horizon among them; default window length + horizon. */
  readonly embargo?: number | undefined;
  readonly fold?: TaskFold | undefined;
}

/** Share of a fold's training rows that choose: the rest is learnt from. */
const CHOOSING_SHARE = 0.15;

/**
 * Rows of one training: the chronological 70/15/15 split, or one fold of the rows before its test split, which stays
 * untouched. A fold is judged on its own block; the end of its longest training stretch chooses, since an epoch chosen
 * on the block that judges would make it look better than it is.
 * @throws InputError `bad-embargo`, `bad-folds`, `too-few-rows`
 */
export function exampleRanges(rows: number, { windowLength, horizon, embargo = windowLength + horizon, fold }: RangeOptions): ExampleRanges {
  if (fold === undefined) {
    const { train, validation } = splitRows(rows, embargo);
    return { train: [train], validation };
  }
  const folds = splitFolds(rows, fold, horizon, embargo);
  if (!Number.isInteger(fold.fold) || fold.fold < 1 || fold.fold > folds.length) throw new InputError(`there is no fold ${fold.fold} of ${folds.length}`, { code: 'bad-folds', hint: 'folds count from 1' });
  return rangesOf(folds[fold.fold - 1], embargo);
}

export interface FoldedRows {
  /** For messages. */
  readonly symbol: string;
  readonly rows: number;
  readonly windowLength: number;
  readonly horizon: number;
  readonly embargo?: number | undefined;
  /** Rows of a training sequence, where every row is scored. */
  readonly sequenceLength?: number | undefined;
  /** First rows whose features are not complete. */
  readonly warmupRows: number;
}

/**
 * Proves before anything is trained that every fold has rows to learn from, to choose by and to be judged on.
 * @throws InputError `too-few-rows`, with how many folds there may be; `bad-embargo`
 */
export function requireFolds({ kind, folds }: Pick<TaskFold, 'kind' | 'folds'>, data: FoldedRows): void {
  const fit = (count: number): boolean => foldsFit({ kind, folds: count }, data);
  if (fit(folds)) return;
  let [most, tooMany] = [1, folds];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fit(middle)) most = middle;
    else tooMany = middle;
  }
  const allowed = most === 1 ? 'too few for any folds' : `enough for ${most === 2 ? '2' : `2 to ${most}`} folds`;
  throw new InputError(`${folds} ${kind} folds: the ${data.rows} rows of ${data.symbol} are ${allowed} of a model that sees ${data.windowLength} rows`, {
    code: 'too-few-rows',
    hint: most === 1 ? 'give more candles, or a smaller embargo' : `give --folds ${most} or fewer, or more candles`,
  });
}

function foldsFit(fold: Pick<TaskFold, 'kind' | 'folds'>, { rows, windowLength, horizon, embargo = windowLength + horizon, sequenceLength = 0, warmupRows }: FoldedRows): boolean {
  const judged = windowLength + horizon;
  const learnt = Math.max(judged, sequenceLength);
  const complete = ({ from, to }: RowRange): number => to - Math.max(from, warmupRows);
  try {
    return splitFolds(rows, fold, horizon, embargo).every((each) => {
      const { train, validation, heldOut = validation } = rangesOf(each, embargo);
      return train.some((stretch) => complete(stretch) >= learnt) && complete(validation) >= learnt && complete(heldOut) >= judged;
    });
  } catch (error) {
    if (error instanceof InputError && error.code === 'too-few-rows') return false;
    throw error;
  }
}

function splitFolds(rows: number, { kind, folds }: Pick<TaskFold, 'kind' | 'folds'>, horizon: number, embargo: number): readonly Fold[] {
  const { validation } = splitRows(rows, embargo);
  return (kind === 'purged' ? purgedKFold : walkForward)({ folds, horizon, embargo: Math.max(0, embargo - horizon) }).folds(validation.to);
}

function rangesOf({ train, test }: Fold, embargo: number): ExampleRanges {
  return { ...withoutChoosing(train, embargo), heldOut: test };
}

function withoutChoosing(stretches: readonly RowRange[], embargo: number): { readonly train: readonly RowRange[]; readonly validation: RowRange } {
  const size = ({ from, to }: RowRange): number => to - from;
  const all = stretches.reduce((sum, stretch) => sum + size(stretch), 0);
  const longest = stretches.reduce((best, stretch) => (size(stretch) > size(best) ? stretch : best));
  const chosen = longest.to - Math.min(Math.floor(CHOOSING_SHARE * all), Math.floor(size(longest) / 2));
  if (chosen + embargo >= longest.to) throw new InputError(`of a fold's ${all} training rows, none are left to choose the epoch by after an embargo of ${embargo}`, { code: 'too-few-rows', hint: 'give more candles, fewer folds, or a smaller embargo' });
  return {
    train: stretches.map((stretch) => (stretch === longest ? { from: stretch.from, to: chosen } : stretch)),
    validation: { from: chosen + embargo, to: longest.to },
  };
}

/** What `--folds` and its companions say. */
export interface FoldOptions {
  readonly folds?: number | undefined;
  /** Default `walk-forward`. */
  readonly foldKind?: FoldKind | undefined;
  readonly horizon?: number | undefined;
  readonly embargo?: number | undefined;
}

/** All folds asked for; without any, the one training of the chronological split. */
export function foldsOf({ folds, foldKind = 'walk-forward' }: FoldOptions): readonly (TaskFold | undefined)[] {
  return folds === undefined ? [undefined] : Array.from({ length: folds }, (_, index) => ({ kind: foldKind, folds, fold: index + 1 }));
}

/**
 * {@link requireFolds} of every symbol and model. Of feature files each fold tells for itself: they may hold gigabytes,
 * and are read where they are trained on.
 * @throws InputError `too-few-rows`; what reading the candles throws
 */
export function requireRowsForFolds({ symbols }: DataPlan, { warmupRows }: FeatureSet, models: readonly Pick<ChosenModel, 'windowLength' | 'sequenceLength'>[], { folds = 0, foldKind = 'walk-forward', horizon = DEFAULTS.horizon, embargo }: FoldOptions): void {
  for (const { symbol, candles, features } of symbols) {
    if (features.length > 0) continue;
    const rows = readCandles(candles, { symbol }).time.length;
    for (const { windowLength, sequenceLength } of models) requireFolds({ kind: foldKind, folds }, { symbol, rows, windowLength, sequenceLength, horizon, embargo, warmupRows });
  }
}

/** `walk-forward fold 2 of 4` */
export function foldText({ kind, folds, fold }: TaskFold): string {
  return `${kind} fold ${fold} of ${folds}`;
}
