import { count } from '../../number-text.js';
import type { ComparedSymbol, Comparison } from './comparison.js';
import { costRows, skillRows, type TextRow } from './tables.js';

/** Both tables of each symbol as lines of text. */
export function renderComparison(comparison: Comparison): string {
  return comparison.symbols.map((of) => symbolLines(of, comparison).join('\n')).join('\n\n');
}

function symbolLines(of: ComparedSymbol, comparison: Comparison): string[] {
  const { symbol, windows, left } = of;
  const leftOut = left === 0 ? '' : `; ${count(left)} that only some have were left out`;
  return [`${symbol}: ${count(windows)} windows that all models have${leftOut}`, ...columnsOf(skillRows(of)), '', ...columnsOf(costRows(of, comparison))];
}

function columnsOf(rows: readonly TextRow[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  const lines = [Object.fromEntries(names.map((name) => [name, name])), ...rows];
  const width = (name: string): number => Math.max(...lines.map((line) => (line[name] ?? '').length));
  return lines.map((line) => names.map((name) => (name === 'model' || name === 'judged' ? (line[name] ?? '').padEnd(width(name)) : (line[name] ?? '').padStart(width(name)))).join('  ').trimEnd());
}
