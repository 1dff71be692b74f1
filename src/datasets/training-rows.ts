import { directionLabels } from './labels.js';
import type { RowRange } from './split.js';
import type { WindowedSplit } from './windows.js';

/** Labels and weights of a split's rows, for a trainer that addresses them by row. */
export interface LabelledRows {
  /** `[rows]`: 1 where the close `horizon` rows after the decision is higher, else 0. Meaningless where the weight is 0. */
  readonly label: Float32Array;
  /** `[rows]`: 1 for a row at which a complete window ends and whose outcome is known, else 0. */
  readonly weight: Float32Array;
  /** Labelled rows that went up. */
  readonly up: number;
  readonly labelled: number;
}

/** Lays each window's label at its newest row. */
export function labelRows({ windows, decisionRows }: WindowedSplit, close: Float64Array, horizon: number, range: RowRange): LabelledRows {
  const direction = directionLabels(close, horizon, range);
  const label = new Float32Array(windows.rowCount);
  const weight = new Float32Array(windows.rowCount);
  let up = 0;
  windows.ends.forEach((end, index) => {
    label[end] = direction[decisionRows[index] - range.from];
    weight[end] = 1;
    up += label[end];
  });
  return { label, weight, up, labelled: windows.ends.length };
}

/**
 * Newest rows of long sequences that tile `rowCount` rows, each scored on its last `length - unscored` rows so that
 * every row is scored once; a remainder shorter than that at the end is left out.
 */
export function tileSequences(rowCount: number, length: number, unscored: number): Int32Array {
  const step = length - unscored;
  const count = rowCount < length ? 0 : Math.floor((rowCount - length) / step) + 1;
  return Int32Array.from({ length: count }, (_, index) => length - 1 + index * step);
}

/** A row with a value that is not finite becomes zeros: it may stand in a sequence, and no scored row may reach it. */
export function zeroIncompleteRows(rows: Float32Array, featureCount: number): void {
  for (let start = 0; start < rows.length; start += featureCount) {
    for (let column = start; column < start + featureCount; column++) {
      if (Number.isFinite(rows[column])) continue;
      rows.fill(0, start, start + featureCount);
      break;
    }
  }
}
