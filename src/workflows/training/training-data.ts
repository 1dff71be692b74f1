import { splitRows, type RowRange, type Split } from '../../datasets/split.js';
import type { Scaler } from '../../datasets/scaler.js';
import { labelRows, tileSequences, zeroIncompleteRows, type LabelledRows } from '../../datasets/training-rows.js';
import { cutWindows, type WindowedSplit } from '../../datasets/windows.js';
import { InputError } from '../../errors.js';
import type { FeatureSet } from '../../features/feature-set.js';
import type { TrainingExamples } from '../../training/training-examples.js';
import type { SymbolData } from '../symbol-data.js';

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
  /** Rows of a sequence that is scored at every row; absent for a model that scores a window's last row. */
  readonly sequenceLength?: number | undefined;
}

export interface SymbolTrainingData {
  readonly symbol: string;
  readonly split: Split;
  /** z-score fitted on the training rows. */
  readonly scaler: Scaler;
  readonly train: TrainingExamples;
  readonly validation: TrainingExamples;
  /** Windows of the validation split, for an engine. */
  readonly validationWindows: WindowedSplit;
  /** Share of up among the labelled rows of each split: what always guessing the same side must be held against. */
  readonly upShare: { readonly train: number; readonly validation: number };
  /** ms: open times of the first and last training row. */
  readonly trainedFrom: number;
  readonly trainedTo: number;
  /** Windows of both splits left out because minutes are missing in them. */
  readonly acrossGaps: number;
  /** Path and SHA-256 of what was read. */
  readonly files: SymbolData['files'];
}

/**
 * Train and validation examples of one symbol: chronological split with an embargo, z-score of the training rows, labels
 * whose outcome lies inside their split. The test rows are not looked at.
 * @throws InputError `too-few-candles`, `one-class`
 */
export function prepareTrainingData(data: SymbolData, set: FeatureSet, shape: ExampleShape): SymbolTrainingData {
  const { candles, files } = data;
  const rows = candles.time.length;
  const split = splitRows(rows, shape.embargo ?? shape.windowLength + shape.horizon);
  const cut = (range: RowRange, scaling: { readonly train: RowRange } | { readonly scaler: Scaler }): WindowedSplit =>
    cutWindows(
      { columns: data.columns(set), featureCount: set.columns.length, time: candles.time, range, scaling },
      { length: shape.windowLength, horizon: shape.horizon, mode: 'repo', maxGapMinutes: shape.maxGapMinutes },
    );
  const train = cut(split.train, { train: split.train });
  const validation = cut(split.validation, { scaler: train.scaler });
  const trainRows = labelRows(train, candles.close, shape.horizon, split.train);
  const validationRows = labelRows(validation, candles.close, shape.horizon, split.validation);
  requireBothClasses(candles.symbol, 'training', trainRows, train, files);
  requireBothClasses(candles.symbol, 'validation', validationRows, validation, files);
  return {
    symbol: candles.symbol,
    split,
    scaler: train.scaler,
    train: examples(candles.symbol, train, trainRows, shape),
    validation: examples(candles.symbol, validation, validationRows, shape),
    validationWindows: validation,
    upShare: { train: trainRows.up / trainRows.labelled, validation: validationRows.up / validationRows.labelled },
    trainedFrom: candles.time[split.train.from],
    trainedTo: candles.time[split.train.to - 1],
    acrossGaps: train.acrossGaps + validation.acrossGaps,
    files,
  };
}

function examples(symbol: string, { windows }: WindowedSplit, { label, weight }: LabelledRows, { windowLength, sequenceLength }: ExampleShape): TrainingExamples {
  const { rows, rowCount, featureCount } = windows;
  if (sequenceLength === undefined) return { rows, rowCount, featureCount, label, weight, length: windowLength, ends: windows.ends, unscored: windowLength - 1 };
  zeroIncompleteRows(rows, featureCount);
  const ends = tileSequences(rowCount, sequenceLength, windowLength - 1);
  if (ends.length === 0) {
    throw new InputError(`${symbol}: a split of ${rowCount} rows holds no sequence of ${sequenceLength}`, { code: 'too-few-candles', hint: 'give more candles, or shorter sequences' });
  }
  return { rows, rowCount, featureCount, label, weight, length: sequenceLength, ends, unscored: windowLength - 1 };
}

function requireBothClasses(symbol: string, part: string, { up, labelled }: LabelledRows, { acrossGaps, incomplete }: WindowedSplit, files: SymbolData['files']): void {
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
