import Table from 'cli-table3';
import type { Verdict } from '../evaluation/evaluation.js';
import { count, decimal, percent, percentInterval } from '../number-text.js';
import { breakEvenText } from './break-even-text.js';
import { rowNames } from './row-names.js';
import type { ModelResult, RunResult } from './run-result.js';
import { headline, marks, why } from './verdict.js';

export interface TerminalOptions {
  /** Columns of text the terminal shows. */
  readonly width: number;
  /** False for a log or a pipe: no colours, no lines drawn. */
  readonly color: boolean;
}

interface Column {
  readonly head: string;
  readonly text: (model: ModelResult) => string;
  readonly align?: 'left';
  /** Dropped first when the terminal is narrow: the highest. Absent: never dropped. */
  readonly dropped?: number;
}

const columns: readonly Column[] = [
  { head: 'Verdict', text: (model) => model.gate.verdict, align: 'left' },
  { head: 'Accuracy', text: ({ evaluation }) => percent(evaluation.classification.accuracy) },
  { head: '95 %', text: ({ evaluation }) => percentInterval(evaluation.accuracyInterval), dropped: 1 },
  { head: 'Baseline', text: ({ evaluation }) => percent(evaluation.baselines.best), dropped: 3 },
  { head: 'Break-even', text: ({ evaluation }) => breakEvenText(evaluation), dropped: 4 },
  { head: 'Calib. err.', text: ({ evaluation }) => percent(evaluation.calibration.error), dropped: 2 },
  { head: 'Noise floor', text: ({ evaluation }) => percent(evaluation.calibration.noiseFloor), dropped: 9 },
  { head: 'Brier skill', text: ({ evaluation }) => decimal(evaluation.baselines.brierSkill), dropped: 7 },
  { head: 'Net return', text: ({ evaluation }) => percent(evaluation.trades.both.netReturn, 2), dropped: 6 },
  { head: 'Windows', text: ({ evaluation }) => count(evaluation.windows), dropped: 5 },
  { head: 'Effective', text: ({ evaluation }) => count(evaluation.effectiveSamples), dropped: 8 },
  { head: 'Windows/s', text: (model) => count(model.windowsPerSecond), dropped: 10 },
];
const marksColumn: Column = { head: 'Marks', text: (model) => marks(model).join(' '), align: 'left' };

const colourOf: Record<Verdict, string> = { PROMOTE: '32', RETRAIN: '31', SUSPECT: '33' };

/**
 * The models of a run as a table no wider than the terminal: columns go, the least needed first, and where even three
 * do not fit, a model is a block of lines. A figure that was not computed is `-`; a break-even that no accuracy reaches
 * is `none`.
 */
export function renderTable(run: RunResult, options: TerminalOptions): string {
  const all = [nameColumn(run.models), ...columns, ...(run.models.some((model) => marks(model).length > 0) ? [marksColumn] : [])];
  const byNeed = all.flatMap(({ dropped }) => (dropped === undefined ? [] : [dropped])).sort((a, b) => b - a);
  for (const limit of [Infinity, ...byNeed]) {
    const shown = all.filter(({ dropped }) => dropped === undefined || dropped < limit);
    const table = tableOf(run.models, shown, options.color);
    if (widthOf(table) <= options.width) return table;
  }
  return run.models.map((model) => blockOf(model, all, options.color)).join('\n\n');
}

/** `ETH-SIM  PROMOTE  accuracy 72.8 % [71.2, 74.3], calibration error 2.4 %: why`, one line a model. */
export function renderVerdicts(run: RunResult, { color }: Pick<TerminalOptions, 'color'>): string[] {
  const names = rowNames(run.models).map(printable);
  const nameWidth = Math.max(0, ...names.map(({ length }) => length));
  return run.models.map((model, index) => {
    const leaky = model.leaky ? 'LEAKY  ' : '';
    const verdict = coloured(model.gate.verdict, color);
    return `${(names[index] ?? '').padEnd(nameWidth)}  ${verdict}  ${leaky}${headline(model)}: ${printable(why(model, run.gates))}`;
  });
}

/** `BTC-USDT  LEAKY 57.8 %; on causal features 51.5 % [50.1, 52.9]`, one line a leaky model that was scored again. */
export function renderCausalScores({ models }: RunResult): string[] {
  const names = rowNames(models).map(printable);
  return models.flatMap(({ evaluation, causalRescore }, index) => {
    if (causalRescore === undefined) return [];
    const causal = `${percent(causalRescore.accuracy)} ${percentInterval(causalRescore.interval)}`;
    return [`${names[index] ?? ''}  LEAKY ${percent(evaluation.classification.accuracy)}; on causal features ${causal}`];
  });
}

/** `All 3 models together: accuracy ...`, when there is such a result. */
export function renderPooled({ pooled }: RunResult): string | undefined {
  if (pooled === undefined) return undefined;
  const { models, accuracy, interval, baselineAccuracy, calibrationError, windows, effectiveSamples } = pooled;
  return `All ${models} models together: accuracy ${percent(accuracy)} ${percentInterval(interval)}, baseline ${percent(baselineAccuracy)}, calibration error ${percent(calibrationError)}, ${count(windows)} windows worth ${count(effectiveSamples)} independent ones`;
}

function nameColumn(models: readonly ModelResult[]): Column {
  const names = rowNames(models).map(printable);
  return { head: 'Symbol', text: (model) => names[models.indexOf(model)] ?? '', align: 'left' };
}

function tableOf(models: readonly ModelResult[], shown: readonly Column[], color: boolean): string {
  const lines = color ? {} : { chars: noLines };
  const table = new Table({
    head: shown.map(({ head }) => head),
    colAligns: shown.map(({ align }) => align ?? 'right'),
    style: { head: [], border: [], compact: true, 'padding-left': color ? 1 : 0, 'padding-right': color ? 1 : 2 },
    ...lines,
  });
  for (const model of models) table.push(shown.map((column) => cell(column, model, color)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const noLines = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
};

function blockOf(model: ModelResult, shown: readonly Column[], color: boolean): string {
  const headWidth = Math.max(...shown.map(({ head }) => head.length));
  return shown
    .filter((column) => column.text(model) !== '')
    .map((column) => `${column.head.padEnd(headWidth)}  ${cell(column, model, color)}`)
    .join('\n');
}

function cell(column: Column, model: ModelResult, color: boolean): string {
  const text = column.text(model);
  return column.head === 'Verdict' ? coloured(model.gate.verdict, color) : text;
}

function coloured(verdict: Verdict, color: boolean): string {
  return color ? `\u001B[1;${colourOf[verdict]}m${verdict}\u001B[0m` : verdict;
}

/** A name from a file may hold what would move the cursor or change colours. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '?');
}

function widthOf(table: string): number {
  // eslint-disable-next-line no-control-regex
  return Math.max(...table.split('\n').map((line) => [...line.replace(/\u001B\[[\d;]*m/g, '')].length));
}
