import Table from 'cli-table3';
import { repairText } from '../../candles/repair/repair-record.js';
import { count, percent } from '../../number-text.js';
import type { DataCheckReport } from './check-report.js';
import { lengthText, summarize, whenText } from './summary.js';
import type { KindSummary } from './summary.js';

const noLines = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
};

/** A line a series, then a line for each kind of finding in it: how many, how long together, the longest with its values. */
export function renderDataCheck(check: DataCheckReport, { color }: { readonly color: boolean }): string {
  const lines = check.series.flatMap(({ name, rows, from, to, completeness, findings, unreadable, repairs }) => [
    rows === 0 ? `${name}  no candles` : `${name}  ${count(rows)} rows  ${whenText(from)} to ${whenText(to)}  ${percent(completeness, 2)} of minutes`,
    ...repairs.map((summary) => `  repaired before: ${repairText(summary)}`),
    ...unreadable.map(({ file, problem, hint }) => `  cannot be read: ${file}: ${problem}${hint === undefined ? '' : ` (${hint})`}`),
    findings.length === 0 ? '  nothing found' : tableOf(summarize(findings), color),
    '',
  ]);
  for (const { symbol, between, minutes, findings } of check.pairs) {
    lines.push(`${symbol}  ${between.join(' against ')}  ${count(minutes)} minutes`, findings.length === 0 ? '  nothing found' : tableOf(summarize(findings), color), '');
  }
  lines.push(`${count(check.defects)} defects, ${count(check.notices)} notices. Nothing was changed.`);
  return lines.map(printable).join('\n');
}

function tableOf(kinds: readonly KindSummary[], color: boolean): string {
  const table = new Table({
    head: ['', 'Found', 'Times', 'Together', 'Longest', 'From', 'Values'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true, 'padding-left': color ? 1 : 0, 'padding-right': color ? 1 : 2 },
    ...(color ? {} : { chars: noLines }),
  });
  for (const { severity, title, count: times, minutes, worst } of kinds) {
    const mark = severity === 'defect' ? 'DEFECT' : 'notice';
    table.push([color && severity === 'defect' ? `\u001B[1;31m${mark}\u001B[0m` : mark, title, count(times), lengthText(minutes), lengthText(worst.minutes), whenText(worst.from), worst.values]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}

/** A name or value from a file may hold what would move the cursor; colours of our own stay. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0009\u000B-\u001A\u001C-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]|\u001B(?!\[[\d;]*m)/g, '?');
}
