import { createHash } from 'node:crypto';
import { csvLine, type CsvValue } from './csv-line.js';
import { isoTime } from '../number-text.js';
import { resultColumn } from './results-csv.js';
import type { ModelResult, RunResult } from './run-result.js';

/** The columns of `history.csv`: what was evaluated, against which gates, with what outcome; most as in the results. */
const columns: readonly (readonly [name: string, value: (model: ModelResult, run: RunResult) => CsvValue])[] = [
  ['date', (_, run) => isoTime(run.startedAt)],
  ['crpbot_version', (_, run) => run.crpbotVersion],
  ...['symbol', 'model'].map(resultColumn),
  ['model_sha256', (model) => model.modelSha256],
  ['data_sha256', (model) => dataHash(model)],
  ...['feature_set', 'alignment', 'leaky', 'split', 'from', 'to', 'num_samples', 'effective_samples'].map(resultColumn),
  ...['accuracy', 'accuracy_low', 'accuracy_high', 'baseline_accuracy', 'calibration_error', 'calibration_error_debiased'].map(resultColumn),
  ...['auc', 'brier_skill', 'break_even_accuracy', 'net_return'].map(resultColumn),
  ['accuracy_gate', (_, run) => run.gates.accuracy],
  ['calibration_gate', (_, run) => run.gates.calibration],
  resultColumn('passed'),
  ['verdict', ({ gate }) => gate.verdict],
  ...['reasons', 'engine', 'precision_mode'].map(resultColumn),
];

const header = csvLine(columns.map(([name]) => name));

/** What becomes of `history.csv` when a run is added to it. */
export interface HistoryChange {
  /** The whole new file. */
  readonly text: string;
  /** The old file has other columns, so lines cannot be added to it: it must be kept under another name. */
  readonly setOldAside: boolean;
}

/** The history with a line for each model of the run at its end. `existing` is the file's text, undefined when there is none. */
export function addToHistory(existing: string | undefined, run: RunResult): HistoryChange {
  const lines = run.models.map((model) => csvLine(columns.map(([, value]) => value(model, run))));
  const added = lines.map((line) => `${line}\n`).join('');
  if (existing === undefined || existing.trim() === '') return { text: `${header}\n${added}`, setOldAside: false };
  if (firstLine(existing) !== header) return { text: `${header}\n${added}`, setOldAside: true };
  return { text: `${existing.replace(/[\r\n]*$/, '\n')}${added}`, setOldAside: false };
}

/** As a spreadsheet may have saved it: with a byte order mark, and with CRLF. */
function firstLine(text: string): string {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '';
}

/**
 * One hash for a model's data: the file's own, or for several (monthly parts) the SHA-256 of their hashes,
 * one a line in the order read.
 */
function dataHash(model: ModelResult): string | undefined {
  const hashes = model.dataFiles.map(({ sha256 }) => sha256);
  return hashes.length < 2 ? hashes[0] : createHash('sha256').update(hashes.join('\n')).digest('hex');
}
