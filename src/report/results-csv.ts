import { csvLine, joinReasons, type CsvValue } from './csv-line.js';
import { isoTime } from '../number-text.js';
import type { ModelResult, RunResult } from './run-result.js';

/**
 * The columns of `evaluation_results.csv`, in order. The first seven are the original's.
 * `trades` to `sharpe` are of the simulation that trades both ways, which `break_even_accuracy` belongs to.
 * `gate_accuracy` and `gate_calibration` say whether that gate passed; `passed` is both, with nothing suspect.
 */
const columns: readonly (readonly [name: string, value: (model: ModelResult) => CsvValue])[] = [
  ['symbol', (model) => model.symbol],
  ['accuracy', ({ evaluation }) => evaluation.classification.accuracy],
  ['precision', ({ evaluation }) => evaluation.classification.precision],
  ['recall', ({ evaluation }) => evaluation.classification.recall],
  ['f1', ({ evaluation }) => evaluation.classification.f1],
  ['calibration_error', ({ evaluation }) => evaluation.calibration.error],
  ['num_samples', ({ evaluation }) => evaluation.windows],
  ['model', (model) => model.model],
  ['feature_set', (model) => model.featureSet],
  ['alignment', (model) => model.alignment],
  ['leaky', (model) => model.leaky],
  ['split', (model) => model.split],
  ['from', ({ evaluation }) => isoTime(evaluation.from)],
  ['to', ({ evaluation }) => isoTime(evaluation.to)],
  ['effective_samples', ({ evaluation }) => evaluation.effectiveSamples],
  ['accuracy_low', ({ evaluation }) => evaluation.accuracyInterval.low],
  ['accuracy_high', ({ evaluation }) => evaluation.accuracyInterval.high],
  ['baseline_accuracy', ({ evaluation }) => evaluation.baselines.best],
  ['auc', ({ evaluation }) => evaluation.classification.auc],
  ['brier', ({ evaluation }) => evaluation.classification.brier],
  ['brier_skill', ({ evaluation }) => evaluation.baselines.brierSkill],
  ['log_loss', ({ evaluation }) => evaluation.classification.logLoss],
  ['calibration_error_debiased', ({ evaluation }) => evaluation.calibration.debiased.value],
  ['coverage_at_gate', ({ evaluation }) => evaluation.coverageAtGate],
  ['trades', ({ evaluation }) => evaluation.trades.both.trades],
  ['win_rate', ({ evaluation }) => evaluation.trades.both.winRate],
  ['break_even_accuracy', ({ evaluation }) => evaluation.breakEvenAccuracy],
  ['net_return', ({ evaluation }) => evaluation.trades.both.netReturn],
  ['max_drawdown', ({ evaluation }) => evaluation.trades.both.maxDrawdown],
  ['sharpe', ({ evaluation }) => evaluation.trades.both.sharpe],
  ['gate_accuracy', ({ gate }) => gate.accuracyPassed],
  ['gate_calibration', ({ gate }) => gate.calibrationPassed],
  ['passed', ({ gate }) => gate.passed],
  ['reasons', ({ gate }) => joinReasons(gate.reasons)],
  ['engine', (model) => model.engine],
  ['precision_mode', (model) => model.precision],
  ['seconds', (model) => model.seconds],
  ['windows_per_second', (model) => model.windowsPerSecond],
];

/** One column of the results, for a table that shows some of them. */
export function resultColumn(name: string): (typeof columns)[number] {
  const column = columns.find(([each]) => each === name);
  if (column === undefined) throw new Error(`evaluation_results.csv has no column ${name}`);
  return column;
}

const resultsCsvColumns: readonly string[] = columns.map(([name]) => name);

/** `evaluation_results.csv`: a header and one row a model. */
export function resultsCsv(run: RunResult): string {
  const rows = run.models.map((model) => csvLine(columns.map(([, value]) => value(model))));
  return [csvLine(resultsCsvColumns), ...rows].join('\n') + '\n';
}
