import { directionLabels } from '../datasets/labels.js';
import { splitRows, type RowRange } from '../datasets/split.js';
import { cutWindows, sampleWindows, type WindowedSplit } from '../datasets/windows.js';
import type { Scorer } from '../engines/engine.js';
import { openOnnx } from '../engines/onnx/onnx-engine.js';
import { loadTensorFlow } from '../engines/tensorflow/load-tensorflow.js';
import { nvidiaGpus } from '../engines/tensorflow/nvidia.js';
import { openTensorFlow } from '../engines/tensorflow/tensorflow-engine.js';
import type { Device } from '../engines/tensorflow/tensorflow.js';
import { InputError, SetupError } from '../errors.js';
import { laggedProbability } from '../evaluation/bar-lag.js';
import type { ScoredWindows } from '../evaluation/scored-windows.js';
import type { FeatureSet } from '../features/feature-set.js';
import type { Model } from '../models/model.js';
import type { JobControl } from '../progress.js';
import { DEFAULTS, type EvaluateOptions } from './evaluate-options.js';
import type { ModelSettings } from './model-settings.js';
import type { SymbolData } from './symbol-data.js';

/** Windows int8 is compared with fp32 on. */
const AGREEMENT_WINDOWS = 2048;

/** Options of an evaluation, or of a fit on the validation rows. */
export type ScoringOptions = Omit<EvaluateOptions, 'split'> & { readonly split?: 'validation' | 'test' | 'all' | undefined };

export interface ScoredSplit {
  readonly scored: ScoredWindows;
  /** `[windows]`: candle row at which each window is decided. */
  readonly decisionRows: Int32Array;
  /** P(up) of the window that ends one row earlier, `[windows]`; NaN where there is none. */
  readonly lagged: Float64Array;
  readonly embargo: number;
  readonly incomplete: number;
  readonly acrossGaps: number;
  readonly engine: string;
  readonly seconds: number;
  /** int8 only: how far it agrees with fp32, on a slice of the same windows. */
  readonly agreement?: Agreement;
}

export interface Agreement {
  readonly windows: number;
  readonly equalDecisions: number;
  readonly maxDifference: number;
}

/**
 * The windows of the split that is asked for, scaled on the training rows.
 * @throws InputError `too-few-candles` when the split holds no window
 */
export function prepareWindows(data: SymbolData, set: FeatureSet, settings: ModelSettings, options: ScoringOptions): WindowedSplit & { readonly embargo: number } {
  const rows = data.candles.time.length;
  const embargo = options.embargo ?? settings.windowLength + settings.horizon;
  const split = splitRows(rows, embargo);
  const range: RowRange = options.split === 'all' ? { from: 0, to: rows } : split[options.split ?? DEFAULTS.split];
  const { windowLength: length, horizon, windowMode: mode } = settings;
  const needed = length + horizon + (mode === 'notebook' ? 1 : 0);
  const scored = range.to - range.from;
  const refuse = (why: string) =>
    new InputError(`${data.candles.symbol}: ${rows} candles leave ${scored} rows to score (embargo ${embargo}); ${why}`, {
      code: 'too-few-candles',
      place: { file: data.files[0]?.file ?? data.candles.symbol },
      hint: waysOut(rows, needed, embargo, options).join(', or '),
    });
  if (scored < needed) throw refuse(`one window and its outcome need ${needed}`);
  const scaling = settings.scaler === undefined ? { train: split.train } : { scaler: settings.scaler };
  const cut = cutWindows(
    { columns: data.columns(set), featureCount: set.columns.length, time: data.candles.time, model: settings.file, range, scaling },
    { length, horizon, mode, maxGapMinutes: options.maxGap ?? DEFAULTS.maxGap },
  );
  if (cut.windows.ends.length === 0 && cut.acrossGaps > 0) throw onlyGaps(data, cut, options.maxGap ?? DEFAULTS.maxGap);
  if (cut.windows.ends.length === 0) throw refuse(`all ${cut.incomplete} windows hold a feature that has no value yet`);
  return { ...cut, embargo: options.split === 'all' ? 0 : embargo };
}

function onlyGaps(data: SymbolData, { acrossGaps, incomplete }: WindowedSplit, maxGap: number): InputError {
  return new InputError(`${data.candles.symbol}: no window is left: ${acrossGaps} cross a gap of more than ${maxGap} minutes, ${incomplete} are incomplete`, {
    code: 'only-gaps',
    place: { file: data.files[0]?.file ?? data.candles.symbol },
    hint: 'collect the missing minutes, or let windows cross gaps: --max-gap MINUTES, or --max-gap any',
  });
}

/** What would make `rows` candles enough; a way that would not help is not named. */
function waysOut(rows: number, needed: number, embargo: number, options: ScoringOptions): string[] {
  if (options.split === 'all') return [`give at least ${needed} candles and those before the first complete features`];
  const { test } = splitRows(rows, 0);
  return [
    `give at least ${Math.ceil((100 * (needed + embargo)) / 15)} candles`,
    ...(test.to - test.from >= needed ? [`an embargo of at most ${test.to - test.from - needed} (--embargo)`] : []),
    ...(rows >= needed ? ['--split all, to look without judging'] : []),
  ];
}

/**
 * Opens a model on the engine asked for. `auto`: ONNX on CUDA if proven, else TensorFlow on a GPU if there is one, else ONNX on the CPU.
 * @throws InputError `engine-does-not-fit`; what `openOnnx` and `loadTensorFlow` throw
 */
export async function openEngine(model: Model, windowLength: number, options: ScoringOptions, precision: 'fp32' | 'int8'): Promise<Scorer> {
  const engine = options.engine ?? DEFAULTS.engine;
  const device = options.device ?? DEFAULTS.device;
  if (engine === 'tensorflow') return openOnTensorFlow(model, options, precision, device);
  const openedOnnx = () => openOnnx(model, { windowLength, precision, device, batch: options.batch, threads: options.threads });
  const mayBeTensorFlow = engine === 'auto' && device !== 'cpu' && precision === 'fp32' && 'architecture' in model && nvidiaGpus().length > 0;
  if (!mayBeTensorFlow) return openedOnnx();
  let onnx: Scorer | undefined;
  try {
    onnx = await openedOnnx();
    if (onnx.engine !== 'onnx-cpu') return onnx;
    const onGpu = await openOnTensorFlow(model, options, precision, 'gpu');
    await onnx.dispose();
    return onGpu;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (onnx !== undefined) return onnx;
    return openOnTensorFlow(model, options, precision, 'gpu');
  }
}

async function openOnTensorFlow(model: Model, options: ScoringOptions, precision: 'fp32' | 'int8', device: Device): Promise<Scorer> {
  const refuse = (why: string, hint: string) => new InputError(`${model.file} cannot be scored by TensorFlow: ${why}`, { code: 'engine-does-not-fit', place: { file: model.file }, hint });
  if (!('architecture' in model)) throw refuse('it is an ONNX graph', 'use --engine onnx, or give the .pt or .safetensors');
  if (precision === 'int8') throw refuse('int8 is of the ONNX engine', 'use --precision fp32, or --engine onnx');
  const tensorFlow = await loadTensorFlow({ device, ...(options.threads === undefined ? {} : { threads: options.threads }) });
  return openTensorFlow(tensorFlow, model, { batch: options.batch });
}

/**
 * Prepares and scores the windows of the split that is asked for.
 * @throws InputError those of `prepareWindows` and of the engine
 */
export async function scoreModel(model: Model, settings: ModelSettings, data: SymbolData, options: ScoringOptions, control: JobControl): Promise<ScoredSplit> {
  return scoreSplit(model, data, prepareWindows(data, settings.featureSet, settings, options), settings, options, control);
}

/** Scores the prepared windows and lays what evaluation needs beside them. */
export async function scoreSplit(
  model: Model,
  data: SymbolData,
  prepared: WindowedSplit & { readonly embargo: number },
  settings: ModelSettings,
  options: ScoringOptions,
  control: JobControl,
): Promise<ScoredSplit> {
  const precision = options.precision ?? DEFAULTS.precision;
  const scorer = await openEngine(model, settings.windowLength, options, precision);
  try {
    const started = performance.now();
    const probability = await scorer.score(prepared.windows, control);
    const seconds = (performance.now() - started) / 1000;
    return {
      scored: judge(data, prepared.decisionRows, probability, settings.horizon),
      decisionRows: prepared.decisionRows,
      lagged: laggedProbability(probability, prepared.windows.ends),
      embargo: prepared.embargo,
      incomplete: prepared.incomplete,
      acrossGaps: prepared.acrossGaps,
      engine: scorer.engine,
      seconds,
      ...(precision === 'int8' ? { agreement: await measureAgreement(model, prepared, probability, settings, options) } : {}),
    };
  } finally {
    await scorer.dispose();
  }
}

async function measureAgreement(model: Model, prepared: WindowedSplit, probability: Float64Array, settings: ModelSettings, options: ScoringOptions): Promise<Agreement> {
  const slice = sampleWindows(prepared.windows, AGREEMENT_WINDOWS);
  const scorer = await openEngine(model, settings.windowLength, options, 'fp32');
  try {
    const exact = await scorer.score(slice.windows);
    let equal = 0;
    let maxDifference = 0;
    exact.forEach((p, index) => {
      const screened = probability[slice.of[index]];
      if (p >= 0.5 === screened >= 0.5) equal++;
      maxDifference = Math.max(maxDifference, Math.abs(p - screened));
    });
    return { windows: exact.length, equalDecisions: equal / exact.length, maxDifference };
  } finally {
    await scorer.dispose();
  }
}

function judge({ candles }: SymbolData, decisionRows: Int32Array, probability: Float64Array, horizon: number): ScoredWindows {
  const at = (offset: number) => Float64Array.from(decisionRows, (row) => candles.close[row + offset] ?? NaN);
  const direction = directionLabels(candles.close, horizon, { from: 0, to: candles.close.length });
  return {
    symbol: candles.symbol,
    horizon,
    probability,
    label: Uint8Array.from(decisionRows, (row) => direction[row]),
    time: Float64Array.from(decisionRows, (row) => candles.time[row]),
    entry: at(0),
    exit: at(horizon),
    previous: at(-horizon),
  };
}
