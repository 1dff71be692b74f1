import { accuracyOverviewFigure } from '../figures/accuracy-overview.js';
import { count, percent, percentInterval } from '../../number-text.js';
import { breakEvenText } from '../break-even-text.js';
import type { ModelResult, PooledResult, RunResult } from '../run-result.js';
import { why } from '../verdict.js';
import { facts, figure, verdictBadge } from './elements.js';
import { explained } from './explanations.js';
import { html, type Html } from './html.js';
import { markBadges } from './marks.js';

/** Every model in a row: its verdict, why, and the few numbers that decide. */
export function summarySection(run: RunResult): Html {
  return html`<section id="summary">
<h2>Verdicts</h2>
<table class="verdicts">
<thead><tr><th scope="col">model</th><th scope="col">verdict</th><th scope="col" class="number">accuracy</th><th scope="col" class="number">baseline</th><th scope="col" class="number" title="share of the traded windows that must be right to pay the costs">break-even *</th><th scope="col" class="number">calibration error</th><th scope="col" class="number">windows</th></tr></thead>
${run.models.map((model, index) => modelRows(model, index, run.gates))}
</table>
${run.models.length > 0 && html`<p class="note">* Break-even: the share of the <em>traded</em> windows, the confident ones, that must be right to pay the costs. It is compared with the accuracy of those, not of all windows: both stand under each model. "none": the mean move is below the cost, so no accuracy pays. "-": nothing was traded.</p>`}
${run.models.length > 0 && figure(accuracyOverviewFigure(run))}
${run.pooled && pooledPart(run.pooled)}
</section>`;
}

function modelRows(model: ModelResult, index: number, gates: RunResult['gates']): Html {
  const { classification, accuracyInterval, baselines, calibration, windows } = model.evaluation;
  return html`<tbody>
<tr class="result">
<th scope="row"><a class="symbol" href="#model-${index + 1}">${model.symbol}</a> ${markBadges(model)}<br><span class="file">${model.model}</span></th>
<td class="verdict">${verdictBadge(model.gate.verdict)}</td>
<td class="number" data-label="accuracy"><b>${percent(classification.accuracy)}</b><br><small>${percentInterval(accuracyInterval)}</small></td>
<td class="number" data-label="baseline">${percent(baselines.best)}</td>
<td class="number" data-label="break-even">${breakEvenText(model.evaluation)}</td>
<td class="number" data-label="calibration error">${percent(calibration.error)}</td>
<td class="number" data-label="windows">${count(windows)}</td>
</tr>
<tr class="why"><td colspan="7">${why(model, gates)}</td></tr>
</tbody>`;
}

function pooledPart(pooled: PooledResult): Html {
  return html`<h3 id="pooled">All ${pooled.models} models together</h3>
<p class="note">The windows of all models as one set. Its interval resamples the same blocks of time for every symbol, because they move together: it is wider than if they were independent.</p>
${facts([
  [explained('accuracy'), html`<b>${percent(pooled.accuracy)}</b> ${percentInterval(pooled.interval)}`],
  [explained('baseline'), percent(pooled.baselineAccuracy)],
  [explained('calibration'), percent(pooled.calibrationError)],
  ['windows', count(pooled.windows)],
  [explained('effective'), count(pooled.effectiveSamples)],
])}`;
}
