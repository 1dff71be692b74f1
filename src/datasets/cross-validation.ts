import { InputError } from '../errors.js';
import { splitRows, type RowRange } from './split.js';

/** Rows to learn from and rows to judge by. Windows and their outcomes must lie within one range. */
export interface Fold {
  /** One or two stretches, in order of time. */
  readonly train: readonly RowRange[];
  /** Rows that choose among what was trained; absent where a splitter leaves that to its caller. */
  readonly validation?: RowRange;
  readonly test: RowRange;
}

/** A way of dividing rows in time. */
export interface Splitter {
  /** For reports: `walk-forward, 5 folds, embargo 75`. */
  readonly name: string;
  folds(rows: number): readonly Fold[];
}

export interface CrossValidationOptions {
  readonly folds: number;
  /** Rows from a decision to its outcome: train rows whose label reaches into the test are purged. */
  readonly horizon: number;
  /** Rows dropped beyond that: before a walk-forward test, after a k-fold test. At least the window length keeps windows apart too. */
  readonly embargo: number;
}

/** The one 70/15/15 fold of {@link splitRows}. */
export function chronological(embargo: number): Splitter {
  return {
    name: `chronological 70/15/15, embargo ${embargo}`,
    folds: (rows) => {
      const { train, validation, test } = splitRows(rows, embargo);
      return [{ train: [train], validation, test }];
    },
  };
}

/**
 * Walk-forward: rows are cut into `folds` + 1 equal blocks; each but the first is tested once by what was trained on
 * everything before it, less `horizon` + `embargo` rows.
 * @throws InputError `bad-folds`, `bad-embargo`, `too-few-rows`
 */
export function walkForward({ folds, horizon, embargo }: CrossValidationOptions): Splitter {
  checkOptions(folds, horizon, embargo);
  return {
    name: `walk-forward, ${folds} folds, embargo ${embargo}`,
    folds: (rows) => {
      const edges = blockEdges(rows, folds + 1);
      return edges.slice(1, -1).map((from, index) => ({ train: nonEmpty([{ from: 0, to: from - horizon - embargo }], rows), test: { from, to: edges[index + 2] } }));
    },
  };
}

/**
 * Purged k-fold (López de Prado 2018, chapter 7.4): each of `folds` equal blocks is tested once by what was trained on
 * the rows before and after it. Purged are rows whose label's span, t to t + horizon, meets that of a test label; the
 * embargo drops as many more after the test, whose features still remember it.
 * @throws InputError `bad-folds`, `bad-embargo`, `too-few-rows`
 */
export function purgedKFold({ folds, horizon, embargo }: CrossValidationOptions): Splitter {
  checkOptions(folds, horizon, embargo);
  return {
    name: `purged ${folds}-fold, embargo ${embargo}`,
    folds: (rows) => {
      const edges = blockEdges(rows, folds);
      return edges.slice(0, -1).map((from, index) => {
        const test = { from, to: edges[index + 1] };
        return { train: nonEmpty([{ from: 0, to: test.from - horizon }, { from: test.to + horizon + embargo, to: rows }], rows), test };
      });
    },
  };
}

/** Blocks differ by at most one row. */
function blockEdges(rows: number, blocks: number): number[] {
  return Array.from({ length: blocks + 1 }, (_, block) => Math.floor((block * rows) / blocks));
}

function nonEmpty(ranges: readonly RowRange[], rows: number): RowRange[] {
  const kept = ranges.filter(({ from, to }) => to > from);
  if (kept.length > 0) return kept;
  throw new InputError(`of ${rows} rows, purge and embargo leave a fold nothing to train on`, { code: 'too-few-rows', hint: 'give more candles, fewer folds, or a smaller embargo' });
}

function checkOptions(folds: number, horizon: number, embargo: number): void {
  if (!Number.isInteger(folds) || folds < 2) throw new InputError(`folds must be a whole number >= 2, not ${folds}`, { code: 'bad-folds', hint: '5 is common' });
  for (const [name, value] of [['horizon', horizon], ['embargo', embargo]] as const) {
    if (!Number.isInteger(value) || value < 0) throw new InputError(`${name} must be a whole number of rows >= 0, not ${value}`, { code: 'bad-embargo', hint: 'the default embargo is window length + horizon' });
  }
}
