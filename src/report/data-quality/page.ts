import { repairText } from '../../candles/repair/repair-record.js';
import { FINDING_KINDS, severityOf } from '../../candles/quality/finding.js';
import type { Finding } from '../../candles/quality/finding.js';
import { count, percent } from '../../number-text.js';
import { list, table } from '../html/elements.js';
import { html, Html } from '../html/html.js';
import { pageStyle } from '../html/page-style.js';
import { completenessCalendar } from './calendar.js';
import type { DataCheckReport, PairReportPart, SeriesReportPart } from './check-report.js';
import { lengthText, longestOfEachKind, summarize, whenText } from './summary.js';

/** Findings of a kind the page lists; the JSON has them all. */
const mostListed = 50;

const style = `
.calendar text { font: 10px system-ui, sans-serif; fill: var(--soft); }
.legend span { display: inline-block; margin-right: 14px; white-space: nowrap; }
.defect { color: var(--bad); font-weight: 600; }
`;

/** The page of a check: one file that runs no script and fetches nothing. */
export function dataCheckHtml(check: DataCheckReport): string {
  const { series, pairs, defects, notices } = check;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${`crpbot data check: ${count(defects)} defects, ${count(notices)} notices`}</title>
<link rel="icon" href="data:,">
<style>${new Html(pageStyle + style)}</style>
</head>
<body>
<main>
<header class="run"><p class="product">crpbot data check</p><h1>${count(defects)} defects, ${count(notices)} notices</h1>
<p class="lead">A defect means that the data are wrong; a notice is worth knowing and may have happened so. Nothing was changed or filled.</p></header>
${series.map(seriesSection)}
${pairs.map(pairSection)}
</main>
</body>
</html>
`.text;
}

function seriesSection({ name, files, rows, from, to, completeness, days, findings, unreadable, repairs }: SeriesReportPart): Html {
  return html`<section>
<h2><span class="symbol">${name}</span></h2>
<p class="lead">${count(rows)} rows${rows > 0 && html`, ${whenText(from)} to ${whenText(to)}, ${percent(completeness, 2)} of minutes present`}</p>
${unreadable.length > 0 && html`<div class="callout alarm"><strong>Cannot be read</strong>${list(unreadable.map(({ file, problem }) => `${file}: ${problem}`))}</div>`}
${repairs.map((summary) => html`<p class="lead">Repaired before: ${repairText(summary)}</p>`)}
${days.length > 0 && html`<h3>Completeness by day</h3>${completenessCalendar(days, name)}`}
${findingTables(findings)}
<details><summary>${count(files.length)} files</summary>${list(files)}</details>
</section>`;
}

function pairSection({ symbol, between, minutes, findings }: PairReportPart): Html {
  return html`<section>
<h2><span class="symbol">${symbol}</span>: ${between.join(' against ')}</h2>
<p class="lead">${count(minutes)} minutes that both reach</p>
${findingTables(findings)}
</section>`;
}

function findingTables(findings: readonly Finding[]): Html {
  if (findings.length === 0) return html`<p>Nothing found.</p>`;
  const kinds = summarize(findings);
  const listed = longestOfEachKind(findings, mostListed);
  const number = (text: string) => ({ text, number: true });
  return html`${table(
    'Found',
    [{ text: '' }, { text: 'what' }, number('times'), number('together'), number('longest'), { text: 'the longest from' }],
    kinds.map(({ kind, title, count: times, minutes, worst }) => [severity(kind), title, count(times), lengthText(minutes), lengthText(worst.minutes), whenText(worst.from)]),
  )}
<details${new Html(findings.length <= mostListed ? ' open' : '')}><summary>${listed.length === findings.length ? 'each of them' : `the longest ${mostListed} of each kind`}</summary>
${table(
  'When, how long, what values',
  [{ text: '' }, { text: 'what' }, { text: 'from' }, { text: 'to' }, number('minutes'), number('rows'), { text: 'values' }],
  listed.map(({ kind, from, to, minutes, rows, values }) => [severity(kind), FINDING_KINDS[kind].title, whenText(from), whenText(to), count(minutes), count(rows), values]),
)}</details>`;
}

function severity(kind: Finding['kind']): Html {
  return severityOf(kind) === 'defect' ? html`<span class="defect">defect</span>` : html`notice`;
}
