import { purgedKFold, walkForward } from '../../datasets/cross-validation.js';
import { splitRows, type RowRange } from '../../datasets/split.js';
import { InputError } from '../../errors.js';

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
  const { train, validation } = splitRows(rows, embargo);
  if (fold === undefined) return { train: [train], validation };
  const splitter = (fold.kind === 'purged' ? purgedKFold : walkForward)({ folds: fold.folds, horizon, embargo: Math.max(0, embargo - horizon) });
  const folds = splitter.folds(validation.to);
  if (!Number.isInteger(fold.fold) || fold.fold < 1 || fold.fold > folds.length) throw new InputError(`there is no fold ${fold.fold} of ${folds.length}`, { code: 'bad-folds', hint: 'folds count from 1' });
  const { train: stretches, test } = folds[fold.fold - 1];
  return { ...withoutChoosing(stretches, embargo), heldOut: test };
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

/** `walk-forward fold 2 of 4` */
export function foldText({ kind, folds, fold }: TaskFold): string {
  return `${kind} fold ${fold} of ${folds}`;
}
