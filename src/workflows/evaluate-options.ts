import type { WindowMode } from '../datasets/windows.js';
import type { Alignment } from '../features/feature-set.js';
import type { LstmHead } from '../models/architecture.js';

/**
 * What `evaluate` is asked. An option left out is not the same as its default: what the model's file says comes between
 * the two, and an option that contradicts the file is an error.
 */
export interface EvaluateOptions {
  /** Files and folders. With none of the three: models/new with data/features and data/candles; the sample where none of these holds a file. */
  readonly models?: readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly candles?: readonly string[] | undefined;
  /** A set's name, or a file of one's own that exports a set. */
  readonly featureSet?: string | undefined;
  readonly alignment?: Alignment | undefined;
  /** `all` scores the training rows too: to look at a model, not to judge it. */
  readonly split?: 'test' | 'all' | undefined;
  /** Folder of the results. */
  readonly out?: string | undefined;
  readonly engine?: 'auto' | 'onnx' | 'tensorflow' | undefined;
  readonly device?: 'auto' | 'cpu' | 'gpu' | undefined;
  readonly precision?: 'fp32' | 'int8' | undefined;
  /** Windows a run of the engine. */
  readonly batch?: number | undefined;
  /** Cores to score on. */
  readonly threads?: number | undefined;
  /** Rows dropped from the start of the test split; default window length + horizon. */
  readonly embargo?: number | undefined;
  /** Minutes that may be missing within a window and up to its outcome; Infinity lets it cross any gap. */
  readonly maxGap?: number | undefined;
  readonly windowMode?: WindowMode | undefined;
  readonly windowLength?: number | undefined;
  readonly horizon?: number | undefined;
  readonly head?: LstmHead | undefined;
  readonly heads?: number | undefined;
  readonly spreadBps?: number | undefined;
  readonly slippageBps?: number | undefined;
  readonly accuracyGate?: number | undefined;
  readonly calibrationGate?: number | undefined;
  /** Also write `predictions_<model>.parquet`. */
  readonly predictions?: boolean | undefined;
  /** Of the bootstrap and the shuffled-label check. */
  readonly seed?: number | undefined;
}

export const DEFAULTS = {
  alignment: 'causal',
  split: 'test',
  out: 'results',
  engine: 'auto',
  device: 'auto',
  precision: 'fp32',
  maxGap: 0,
  windowMode: 'repo',
  horizon: 15,
  spreadBps: 12,
  slippageBps: 3,
  accuracyGate: 0.68,
  calibrationGate: 0.05,
  seed: 1,
} as const;

/** Above this a run of the engine would need gigabytes for its states. */
export const LARGEST_BATCH = 8192;

/** Rows a window holds where nothing says otherwise: the LSTMs' 60, the Transformer's 100. */
export const DEFAULT_WINDOW = { lstm: 60, transformer: 100, onnx: 60 } as const;

/** Feature set by number of inputs, where a file names none. */
export const FEATURE_SET_BY_INPUTS: Readonly<Record<number, string>> = { 31: 'v1-31', 50: 'v2-50', 52: 'v3-52' };
