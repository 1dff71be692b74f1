import type { Evaluation, GateChecks, GateDecision, Interval, PooledResult } from '../evaluation/evaluation.js';

export type { PooledResult } from '../evaluation/evaluation.js';

/** One evaluated model: a row of `evaluation_results.csv`, an entry of the JSON, a section of the report. */
export interface ModelResult {
  readonly symbol: string;
  /** Model file's name, `lstm_BTC-SIM_1m_demo.pt`. */
  readonly model: string;
  readonly modelSha256: string;
  readonly dataFiles: readonly { readonly file: string; readonly sha256: string }[];
  readonly featureSet: string;
  readonly alignment: string;
  readonly leaky: boolean;
  readonly split: 'test' | 'all';
  /** Rows that were scored were among those the model was trained on, by `--split all` or by its own manifest. */
  readonly seenInTraining?: boolean;
  /** Tries the model was chosen from, where its file says so. */
  readonly trials?: number;
  /** What no file said and was filled in by rule: shown as ASSUMED. */
  readonly assumed: readonly string[];
  readonly warnings: readonly string[];
  readonly dropped: { readonly incompleteWindows: number; readonly windowsAcrossGaps: number; readonly embargoRows: number };
  readonly evaluation: Evaluation;
  readonly gate: GateDecision;
  readonly checks: GateChecks;
  /** The same checkpoint on causal features, when this row is leaky. */
  readonly causalRescore?: { readonly accuracy: number; readonly interval: Interval; readonly calibrationError: number; readonly windows: number };
  /** int8 only: agreement with fp32 on a slice of the same windows. */
  readonly agreement?: { readonly windows: number; readonly equalDecisions: number; readonly maxDifference: number };
  readonly engine: string;
  readonly precision: 'fp32' | 'int8';
  /** Seconds spent scoring. */
  readonly seconds: number;
  readonly windowsPerSecond: number;
}

/** One run of `crpbot evaluate`. */
export interface RunResult {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly crpbotVersion: string;
  /** Every option as used. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly gates: { readonly accuracy: number; readonly calibration: number };
  readonly models: readonly ModelResult[];
  /** Present with two models or more on different symbols. */
  readonly pooled?: PooledResult;
  readonly warnings: readonly string[];
}
