import { display } from './display.js';
import { escapeText } from './static-figure/elements.js';

/** A row by column names; a number is shown with thousands separated, a missing value as `-`. */
export type TableRow = Readonly<Record<string, string | number | boolean | undefined>>;

/** Shows rows as a table, its columns being those of all rows, first seen first. */
export function showTable(rows: readonly TableRow[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => cellText(row[column])));
  const numeric = columns.map((column) => rows.some((row) => typeof row[column] === 'number'));
  display({ 'text/html': html(columns, cells, numeric), 'text/plain': text(columns, cells, numeric) });
}

function cellText(value: TableRow[string]): string {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return '-';
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}

function html(columns: readonly string[], cells: readonly (readonly string[])[], numeric: readonly boolean[]): string {
  const cell = (name: 'td' | 'th', content: string, index: number): string =>
    `<${name} style="text-align:${numeric[index] === true ? 'right' : 'left'}">${escapeText(content)}</${name}>`;
  const row = (name: 'td' | 'th', contents: readonly string[]): string => `<tr>${contents.map((content, index) => cell(name, content, index)).join('')}</tr>`;
  return `<table><thead>${row('th', columns)}</thead><tbody>${cells.map((contents) => row('td', contents)).join('')}</tbody></table>`;
}

function text(columns: readonly string[], cells: readonly (readonly string[])[], numeric: readonly boolean[]): string {
  const lines = [columns, ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const pad = (content: string, index: number): string =>
    numeric[index] === true ? content.padStart(widths[index] ?? 0) : content.padEnd(widths[index] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}
