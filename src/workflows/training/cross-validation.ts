import { join } from 'node:path';
import { writeTogether } from '../../atomic-file.js';
import { csvLine, type CsvValue } from '../../report/csv-line.js';
import type { TaskFold } from './folds.js';
import type { BaselineKind, TrainedBaseline } from './baselines/train-baseline.js';
import type { ModelKind } from './model-kinds.js';
import type { ValidationFigures } from './train-model.js';
import type { TrainOutcome } from './train-processes.js';

/** One fold of one model, judged on rows that it neither learnt from nor was chosen by. */
export interface FoldResult {
  readonly symbol: string;
  readonly model: ModelKind | BaselineKind;
  /** From 1. */
  readonly fold: number;
  readonly seed: number;
  /** Nats. */
  readonly logLoss: number;
  readonly accuracy: number;
  /** Accuracy of always saying what is more frequent in the fold. */
  readonly baseline: number;
  /** Absent with one class only. */
  readonly auc?: number;
  readonly calibrationError: number;
  readonly windows: number;
}

/** Over folds and seeds. The deviation is the sample's (ddof 1), absent of one. */
export interface Spread {
  readonly mean: number;
  readonly deviation?: number;
}

export interface ModelSummary {
  readonly symbol: string;
  readonly model: ModelKind | BaselineKind;
  /** Folds x seeds that ended well. */
  readonly results: number;
  readonly logLoss: Spread;
  readonly accuracy: Spread;
  readonly baseline: Spread;
  readonly auc?: Spread;
}

export interface CrossValidation {
  readonly kind: TaskFold['kind'];
  readonly folds: number;
  readonly results: readonly FoldResult[];
  readonly summary: readonly ModelSummary[];
  /** What did not end well: nothing of it is in the figures. */
  readonly failed: readonly { readonly symbol: string; readonly model: ModelKind | BaselineKind; readonly fold: number; readonly seed: number; readonly error: string }[];
}

/** The table of a cross-validation's outcomes, in their order, baselines first; undefined where they are no folds. */
export function crossValidation(outcomes: readonly TrainOutcome[], baselines: readonly TrainedBaseline[] = []): CrossValidation | undefined {
  const first = [...baselines, ...outcomes.map(({ task }) => task)].find(({ fold }) => fold !== undefined)?.fold;
  if (first === undefined) return undefined;
  const results = baselines.map(({ model, seed, fold, validation }) => foldResult(model, fold?.fold ?? 0, seed, validation));
  const failed: CrossValidation['failed'][number][] = [];
  for (const outcome of outcomes) {
    const { model, settings: { seed }, symbols } = outcome.task;
    const fold = outcome.task.fold?.fold ?? 0;
    if ('error' in outcome) failed.push({ symbol: symbols.map(({ symbol }) => symbol).join('+'), model, fold, seed, error: outcome.error.message });
    else results.push(...outcome.model.validation.map((figures) => foldResult(model, fold, seed, figures)));
  }
  return { kind: first.kind, folds: first.folds, results, summary: summarize(results), failed };
}

function foldResult(model: FoldResult['model'], fold: number, seed: number, { symbol, logLoss, accuracy, baseline, auc, calibrationError, windows }: ValidationFigures): FoldResult {
  return { symbol, model, fold, seed, logLoss, accuracy, baseline, ...(auc === undefined ? {} : { auc }), calibrationError, windows };
}

function summarize(results: readonly FoldResult[]): ModelSummary[] {
  const groups = new Map<string, FoldResult[]>();
  for (const result of results) {
    const key = JSON.stringify([result.symbol, result.model]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map((group) => {
    const aucs = group.flatMap(({ auc }) => (auc === undefined ? [] : [auc]));
    return {
      symbol: group[0].symbol,
      model: group[0].model,
      results: group.length,
      logLoss: spread(group.map(({ logLoss }) => logLoss)),
      accuracy: spread(group.map(({ accuracy }) => accuracy)),
      baseline: spread(group.map(({ baseline }) => baseline)),
      ...(aucs.length === 0 ? {} : { auc: spread(aucs) }),
    };
  });
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean };
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}

const COLUMNS: readonly (readonly [name: string, value: (result: FoldResult) => CsvValue])[] = [
  ['symbol', ({ symbol }) => symbol],
  ['model', ({ model }) => model],
  ['fold', ({ fold }) => fold],
  ['seed', ({ seed }) => seed],
  ['log_loss', ({ logLoss }) => logLoss],
  ['accuracy', ({ accuracy }) => accuracy],
  ['baseline', ({ baseline }) => baseline],
  ['auc', ({ auc }) => auc],
  ['calibration_error', ({ calibrationError }) => calibrationError],
  ['windows', ({ windows }) => windows],
];

/**
 * Writes `cross_validation.csv`, one line a symbol, model, fold and seed, and `cross_validation.json` with mean and
 * standard deviation of each model: both or none.
 * @returns their paths
 * @throws InputError `cannot-write`
 */
export function writeCrossValidation(folder: string, table: CrossValidation): string[] {
  const lines = [csvLine(COLUMNS.map(([name]) => name)), ...table.results.map((result) => csvLine(COLUMNS.map(([, value]) => value(result))))];
  const files = [
    { path: join(folder, 'cross_validation.csv'), content: Buffer.from(`${lines.join('\n')}\n`) },
    { path: join(folder, 'cross_validation.json'), content: Buffer.from(`${JSON.stringify(table, null, 2)}\n`) },
  ];
  writeTogether(files);
  return files.map(({ path }) => path);
}
