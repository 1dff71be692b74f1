import { splitRows, type RowRange } from '../../datasets/split.js';
import type { Scaler } from '../../datasets/scaler.js';
import { labelRows, tileSequences, zeroIncompleteRows, type LabelledRows } from '../../datasets/training-rows.js';
import { cutWindowsOf, type WindowedSplit } from '../../datasets/windows.js';
import { InputError } from '../../errors.js';
import type { FeatureSet } from '../../features/feature-set.js';
import type { TrainingExamples } from '../../training/training-examples.js';
import type { SymbolData } from '../symbol-data.js';
import type { ExampleTimes, TimeSpan } from './apart-in-time.js';
import { exampleRanges, type ExampleRanges, type TaskFold } from './folds.js';

/** How examples are cut from rows. */
export interface ExampleShape {
  /** Rows that a prediction may depend on: a window model's window, a TCN's receptive field. */
  readonly windowLength: number;
  /** Rows from the newest row of a window to the price it predicts. */
  readonly horizon: number;
  /** Minutes that may be missing within a window and up to its outcome; Infinity lets it cross any gap. */
  readonly maxGapMinutes: number;
  /** Rows dropped between the splits; default window length + horizon. */
  readonly embargo?: number | undefined;
  /** One fold of a cross-validation; absent: the chronological split. */
  readonly fold?: TaskFold | undefined;
  /** Rows of a sequence that is scored at every row; absent for a model that scores a window's last row. */
  readonly sequenceLength?: number | undefined;
}

export interface SymbolTrainingData {
  readonly symbol: string;
  readonly ranges: ExampleRanges;
  /** z-score fitted on the training rows. */
  readonly scaler: Scaler;
  readonly train: TrainingExamples;
  readonly validation: TrainingExamples;
  readonly times: ExampleTimes;
  /** Windows that calibrate, for an engine. */
  readonly validationWindows: JudgedWindows;
  /** Windows that judge a fold; absent without folds. */
  readonly heldOutWindows?: JudgedWindows;
  /** Share of up among the labelled rows of each split: what always guessing the same side must be held against. */
  readonly upShare: { readonly train: number; readonly validation: number };
  /** ms: open times of the first and last training row. */
  readonly trainedFrom: number;
  readonly trainedTo: number;
  /** Windows left out because minutes are missing in them. */
  readonly acrossGaps: number;
  /** Path and SHA-256 of what was read. */
  readonly files: SymbolData['files'];
}

export interface JudgedWindows {
  readonly windows: WindowedSplit['windows'];
  /** By row of `windows`: 1 up, 0 down. */
  readonly label: Float32Array;
}

/**
 * Train and validation examples of one symbol: chronological split with an embargo, or one fold of the rows before the
 * test split; z-score of the training rows, labels whose outcome lies inside their part. The test rows are not looked at.
 * @throws InputError `too-few-candles`, `one-class`
 */
export function prepareTrainingData(data: SymbolData, set: FeatureSet, shape: ExampleShape): SymbolTrainingData {
  const { candles, files } = data;
  const ranges = exampleRanges(candles.time.length, shape);
  const parts = [...ranges.train, ranges.validation, ...(ranges.heldOut === undefined ? [] : [ranges.heldOut])];
  const cuts = cutWindowsOf(
    parts,
    { columns: data.columns(set), featureCount: set.columns.length, time: candles.time, scaling: { train: ranges.train } },
    { length: shape.windowLength, horizon: shape.horizon, mode: 'repo', maxGapMinutes: shape.maxGapMinutes },
  ).map((windowed, at): Cut => ({ range: parts[at], windowed, rows: labelRows(windowed, candles.close, shape.horizon, parts[at]) }));
  const train = cuts.slice(0, ranges.train.length);
  const [validation, heldOut] = [cuts[train.length], ranges.heldOut === undefined ? undefined : cuts[train.length + 1]];
  const { scaler } = train[0].windowed;
  requireBothClasses(candles.symbol, 'training', train, files);
  requireBothClasses(candles.symbol, 'validation', [validation], files);
  if (heldOut !== undefined) requireBothClasses(candles.symbol, 'held-out', [heldOut], files);
  const learnt = worthCutting(train, shape);
  const { test } = splitRows(candles.time.length, 0);
  const span = ({ from, to }: RowRange): TimeSpan => ({ from: candles.time[from], to: candles.time[to - 1] });
  return {
    symbol: candles.symbol,
    ranges,
    scaler,
    train: poolExamples(learnt.map((each) => examples(candles.symbol, each, shape))),
    validation: examples(candles.symbol, validation, shape),
    times: {
      train: timesOf(candles.time, learnt),
      validation: timesOf(candles.time, [validation]),
      validationSpan: span(ranges.validation),
      judgedSpans: [...(ranges.heldOut === undefined ? [] : [ranges.heldOut]), test].map(span),
    },
    validationWindows: judgedWindows(validation),
    ...(heldOut === undefined ? {} : { heldOutWindows: judgedWindows(heldOut) }),
    upShare: { train: upShare(train), validation: upShare([validation]) },
    trainedFrom: candles.time[ranges.train[0].from],
    trainedTo: candles.time[ranges.train[ranges.train.length - 1].to - 1],
    acrossGaps: [...train, validation, ...(heldOut === undefined ? [] : [heldOut])].reduce((sum, { windowed }) => sum + windowed.acrossGaps, 0),
    files,
  };
}

/** One range's windows and labels. */
interface Cut {
  readonly range: RowRange;
  readonly windowed: WindowedSplit;
  readonly rows: LabelledRows;
}

/** Of several stretches those that hold an example; of one that one, so that its error says what is missing. */
function worthCutting(cuts: readonly Cut[], { sequenceLength }: ExampleShape): readonly Cut[] {
  const kept = cuts.filter(({ windowed, rows }) => rows.labelled > 0 && windowed.windows.rowCount >= (sequenceLength ?? 0));
  return kept.length > 0 ? kept : cuts.slice(0, 1);
}

/** Open time of each row of several cuts, one below the other. */
function timesOf(time: Float64Array, cuts: readonly Cut[]): Float64Array {
  const all = new Float64Array(cuts.reduce((sum, { range }) => sum + range.to - range.from, 0));
  let at = 0;
  for (const { range } of cuts) {
    all.set(time.subarray(range.from, range.to), at);
    at += range.to - range.from;
  }
  return all;
}

function upShare(cuts: readonly Cut[]): number {
  return cuts.reduce((sum, { rows }) => sum + rows.up, 0) / cuts.reduce((sum, { rows }) => sum + rows.labelled, 0);
}

function judgedWindows({ windowed, rows }: Cut): JudgedWindows {
  return { windows: windowed.windows, label: rows.label };
}

function examples(symbol: string, { windowed: { windows }, rows: { label, weight } }: Cut, { windowLength, sequenceLength }: ExampleShape): TrainingExamples {
  const { rows, rowCount, featureCount } = windows;
  if (sequenceLength === undefined) return { rows, rowCount, featureCount, label, weight, length: windowLength, ends: windows.ends, unscored: windowLength - 1 };
  zeroIncompleteRows(rows, featureCount);
  const ends = tileSequences(rowCount, sequenceLength, windowLength - 1);
  if (ends.length === 0) {
    throw new InputError(`${symbol}: a split of ${rowCount} rows holds no sequence of ${sequenceLength}`, { code: 'too-few-candles', hint: 'give more candles, or shorter sequences' });
  }
  return { rows, rowCount, featureCount, label, weight, length: sequenceLength, ends, unscored: windowLength - 1 };
}

function requireBothClasses(symbol: string, part: string, cuts: readonly Cut[], files: SymbolData['files']): void {
  const sum = (of: (cut: Cut) => number): number => cuts.reduce((all, cut) => all + of(cut), 0);
  const [up, labelled] = [sum(({ rows }) => rows.up), sum(({ rows }) => rows.labelled)];
  const [acrossGaps, incomplete] = [sum(({ windowed }) => windowed.acrossGaps), sum(({ windowed }) => windowed.incomplete)];
  if (labelled > 0 && up > 0 && up < labelled) return;
  const place = files[0] === undefined ? {} : { place: { file: files[0].file } };
  if (labelled > 0) {
    throw new InputError(`${symbol}: all ${labelled} labels of the ${part} rows are ${up > 0 ? 'up' : 'down'}`, { code: 'one-class', ...place, hint: 'nothing can be learnt of one class: check the candles, or give more' });
  }
  throw new InputError(`${symbol}: no window is left in the ${part} rows (${acrossGaps} cross a gap, ${incomplete} are incomplete)`, {
    code: 'too-few-candles',
    ...place,
    hint: acrossGaps > 0 ? 'collect the missing minutes, or let windows cross gaps: --max-gap MINUTES, or --max-gap any' : 'give more candles',
  });
}

/**
 * Several symbols as one data set: their rows one below the other, each scaled by its own training rows. No example
 * reaches from one symbol into the next.
 */
export function poolExamples(parts: readonly TrainingExamples[]): TrainingExamples {
  const [first] = parts;
  if (parts.length === 1) return first;
  const { featureCount, length, unscored } = first;
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const rows = new Float32Array(new SharedArrayBuffer(rowCount * featureCount * 4));
  const label = new Float32Array(rowCount);
  const weight = new Float32Array(rowCount);
  const ends: Int32Array[] = [];
  let offset = 0;
  for (const part of parts) {
    rows.set(part.rows, offset * featureCount);
    label.set(part.label, offset);
    weight.set(part.weight, offset);
    const from = offset;
    ends.push(part.ends.map((end) => end + from));
    offset += part.rowCount;
  }
  const all = new Int32Array(ends.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of ends) {
    all.set(each, at);
    at += each.length;
  }
  return { rows, rowCount, featureCount, label, weight, length, ends: all, unscored };
}
