import { decimal, percent } from '../number-text.js';
import type { CrossValidation, Spread } from '../workflows/training/cross-validation.js';

/** The merged table of a cross-validation, and mean ± standard deviation of each model. */
export function crossValidationLines({ kind, folds, results, summary, failed }: CrossValidation): string[] {
  const rows = results.map(({ symbol, model, fold, seed, logLoss, accuracy, baseline, auc, windows }) => [symbol, model, String(fold), String(seed), decimal(logLoss, 4), percent(accuracy), percent(baseline), decimal(auc), String(windows)]);
  const means = summary.map(({ symbol, model, results: count, logLoss, accuracy, baseline, auc }) => [symbol, model, String(count), spreadText(logLoss, (value) => decimal(value, 4)), spreadText(accuracy, percent), spreadText(baseline, percent), auc === undefined ? '-' : spreadText(auc, decimal)]);
  return [
    ...aligned([['symbol', 'model', 'fold', 'seed', 'log loss', 'accuracy', 'baseline', 'AUC', 'windows'], ...rows]),
    '',
    `Mean ± standard deviation over ${folds} ${kind} folds and seeds; the test split was not looked at:`,
    ...aligned([['symbol', 'model', 'results', 'log loss', 'accuracy', 'baseline', 'AUC'], ...means]),
    ...(failed.length === 0 ? [] : [`${failed.length} ended in an error and are not in the figures`]),
  ];
}

function spreadText({ mean, deviation }: Spread, text: (value: number) => string): string {
  return deviation === undefined ? text(mean) : `${text(mean)} ± ${text(deviation)}`;
}

/** Names to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '));
}
