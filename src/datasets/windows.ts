import { MINUTE_MS } from '../candles/candles.js';
import { InputError } from '../errors.js';
import { fitColumn, type Scaler } from './scaler.js';
import type { RowRange } from './split.js';

/**
 * Overlapping windows over one row matrix, never copied: window `w` is rows `ends[w] - length + 1 .. ends[w]`.
 */
export interface Windows {
  /** Scaled features, row-major `[rowCount, featureCount]`. */
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
  /** Rows a window holds. */
  readonly length: number;
  /** `[windows]`: index into `rows` of each window's newest row; strictly increasing. */
  readonly ends: Int32Array;
}

/**
 * How a window meets its label at row t. `repo`: rows t - length + 1 .. t. `notebook`: rows t - length .. t - 1, the
 * newest minute is never shown to the model.
 */
export type WindowMode = 'repo' | 'notebook';

export interface WindowOptions {
  readonly length: number;
  readonly horizon: number;
  readonly mode: WindowMode;
  /**
   * Minutes that may be missing between two rows of a window, or between its decision and its outcome: rows are not
   * minutes. Default 0: whatever crosses a gap is dropped. Infinity: rows are taken as they stand.
   */
  readonly maxGapMinutes?: number;
}

export interface WindowedSplit {
  readonly windows: Windows;
  /** `[windows]`: candle row t at which each window is decided. */
  readonly decisionRows: Int32Array;
  /** Windows dropped because a feature in them was not finite. */
  readonly incomplete: number;
  /** Windows dropped because minutes are missing in them or before their outcome. */
  readonly acrossGaps: number;
  /** The z-score applied: the one given, or fitted on the training rows. */
  readonly scaler: Scaler;
}

export interface WindowSource {
  /** `[rows]` columns in the model's input order; may be computed as they are asked for, each is let go after use. */
  readonly columns: Iterable<readonly [name: string, values: Float64Array]>;
  readonly featureCount: number;
  /** Open time of every row of the columns, ms. */
  readonly time: Float64Array;
  /** The model's file, for messages about its scaler. */
  readonly model?: string;
  /** Rows the windows and their outcomes must lie in. */
  readonly range: RowRange;
  /** Training rows to fit the scaler on, or a scaler that came with the model. */
  readonly scaling: { readonly train: RowRange | readonly RowRange[] } | { readonly scaler: Scaler };
}

/**
 * Cuts the windows of one split. Features are scaled in float64 and cast to float32 once, into shared memory, so that
 * scoring threads read the same matrix.
 * @returns no windows (`ends` empty) when the split is shorter than one window and its horizon
 * @throws InputError `no-training-rows`, `scale-does-not-fit`
 */
export function cutWindows(source: WindowSource, options: WindowOptions): WindowedSplit {
  return cutWindowsOf([source.range], source, options)[0];
}

/**
 * Cuts several splits that share one scaler: each column is computed once, for all of them.
 * @returns a split a range
 * @throws InputError `no-training-rows`, `scale-does-not-fit`
 */
export function cutWindowsOf(ranges: readonly RowRange[], source: Omit<WindowSource, 'range'>, options: WindowOptions): WindowedSplit[] {
  const { featureCount, scaling } = source;
  const parts = ranges.map((range): ScaledRows => {
    const rowCount = Math.max(0, range.to - range.from);
    return { range, rowCount, rows: new Float32Array(new SharedArrayBuffer(rowCount * featureCount * 4)), complete: new Uint8Array(rowCount).fill(1) };
  });
  const scaler = { mean: new Float64Array(featureCount), std: new Float64Array(featureCount) };
  let feature = 0;
  for (const [name, column] of source.columns) {
    const { mean, std } = 'scaler' in scaling ? { mean: scaling.scaler.mean[feature], std: scaling.scaler.std[feature] } : fitColumn(name, column, scaling.train);
    scaler.mean[feature] = mean;
    scaler.std[feature] = std;
    for (const { range, rowCount, rows, complete } of parts) {
      for (let row = 0; row < rowCount; row++) {
        const value = column[range.from + row];
        if (!Number.isFinite(value)) complete[row] = 0;
        rows[row * featureCount + feature] = (value - mean) / std;
        if (!Number.isFinite(rows[row * featureCount + feature]) && Number.isFinite(value)) throw beyondFloat32(source, name, range.from + row, mean, std);
      }
    }
    feature++;
  }
  return parts.map((part) => ({ ...windowsOf(part, source, options), scaler }));
}

/** One split's scaled features, `[rowCount, featureCount]`, and which of its rows lack no value. */
interface ScaledRows {
  readonly range: RowRange;
  readonly rowCount: number;
  readonly rows: Float32Array;
  readonly complete: Uint8Array;
}

function windowsOf({ range, rowCount, rows, complete }: ScaledRows, source: Omit<WindowSource, 'range'>, options: WindowOptions): Omit<WindowedSplit, 'scaler'> {
  const { featureCount } = source;
  const lag = options.mode === 'notebook' ? 1 : 0;
  const ends: number[] = [];
  const breaks = breaksUpTo(source.time, range, options.maxGapMinutes ?? 0);
  let incomplete = 0;
  let acrossGaps = 0;
  let completeRun = 0;
  for (let end = 0; end < rowCount; end++) {
    completeRun = complete[end] === 1 ? completeRun + 1 : 0;
    const decision = end + lag;
    if (end < options.length - 1 || decision + options.horizon >= rowCount) continue;
    if (completeRun < options.length) incomplete++;
    else if (breaks[decision + options.horizon] > breaks[end - options.length + 1]) acrossGaps++;
    else ends.push(end);
  }
  return {
    windows: { rows, rowCount, featureCount, length: options.length, ends: Int32Array.from(ends) },
    decisionRows: Int32Array.from(ends, (end) => range.from + end + lag),
    incomplete,
    acrossGaps,
  };
}

/** For each row of the range how many gaps longer than allowed lie before it. */
function breaksUpTo(time: Float64Array, { from, to }: RowRange, maxGapMinutes: number): Int32Array {
  const breaks = new Int32Array(Math.max(0, to - from));
  for (let row = 1; row < breaks.length; row++) {
    const missing = (time[from + row] - time[from + row - 1]) / MINUTE_MS - 1;
    breaks[row] = breaks[row - 1] + Number(missing > maxGapMinutes);
  }
  return breaks;
}

function beyondFloat32({ model }: Pick<WindowSource, 'model'>, column: string, row: number, mean: number, std: number): InputError {
  return new InputError(`${column} in row ${row}, scaled by mean ${mean} and deviation ${std}, is beyond float32`, {
    code: 'scale-does-not-fit',
    place: { ...(model === undefined ? {} : { file: model }), row, column },
    hint: "the model's scaler is not of this data, or the value is wrong",
  });
}

/** `count` windows spread evenly over all of them, oldest first: a slice to measure something on. */
export function sampleWindows(windows: Windows, count: number): { readonly windows: Windows; readonly of: Int32Array } {
  const total = windows.ends.length;
  const kept = Math.min(count, total);
  const of = Int32Array.from({ length: kept }, (_, index) => Math.floor((index * total) / kept));
  return { windows: { ...windows, ends: of.map((index) => windows.ends[index]) }, of };
}
