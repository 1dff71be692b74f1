import { accuracyByMonthFigure } from '../figures/accuracy-by-month.js';
import { confusionFigure } from '../figures/confusion.js';
import { coverageFigure } from '../figures/coverage.js';
import { equityFigure } from '../figures/equity.js';
import { reliabilityFigure } from '../figures/reliability.js';
import { count, minuteText, percent, percentInterval } from '../../number-text.js';
import { breakEvenText } from '../break-even-text.js';
import type { ModelResult, RunResult } from '../run-result.js';
import { checksPart } from './checks.js';
import { figure, hashed, list, longFacts, verdictBadge } from './elements.js';
import { explained } from './explanations.js';
import { html, type Html } from './html.js';
import { markBadges, markBanners } from './marks.js';
import { coverageNumbers, figuresTable, groupTable, reliabilityNumbers, tradeTables } from './model-tables.js';

/** All there is to one model; `index` counts from 0. */
export function modelSection(model: ModelResult, index: number, gates: RunResult['gates']): Html {
  const { evaluation, gate } = model;
  return html`<section class="model" id="model-${index + 1}">
<header>
<h2><span class="symbol">${model.symbol}</span> ${verdictBadge(gate.verdict)} ${markBadges(model)}</h2>
<p class="file">${model.model}</p>
</header>
${markBanners(model)}
${tiles(model, gates)}
${gate.reasons.length > 0 && html`<h3>Why ${gate.verdict}</h3>${list(gate.reasons)}`}
${checksPart(model)}
<h3>Figures</h3>
${figuresTable(evaluation)}
<div class="figures">
${figure(reliabilityFigure(evaluation), reliabilityNumbers(evaluation))}
${figure(coverageFigure(evaluation, gates.accuracy), coverageNumbers(evaluation))}
${figure(accuracyByMonthFigure(evaluation, gates.accuracy), groupTable('By month', evaluation.byMonth))}
${figure(confusionFigure(evaluation))}
</div>
<div class="tables">
${groupTable('By tier of confidence, all windows', evaluation.byTier)}
${groupTable('By session, all windows', evaluation.bySession)}
</div>
<h3>${explained('trades', 'Simulated trades')}</h3>
${figure(equityFigure(evaluation))}
<div class="tables">${tradeTables(evaluation)}</div>
<h3>What was evaluated</h3>
${provenance(model)}
</section>`;
}

function tiles({ evaluation, gate }: ModelResult, gates: RunResult['gates']): Html {
  const { classification, accuracyInterval, baselines, calibration, breakEven, trades } = evaluation;
  const gateTile = (passed: boolean) => (passed ? 'tile pass' : 'tile fail');
  return html`<div class="tiles">
<div class="${gateTile(gate.accuracyPassed)}"><span>accuracy</span><b>${percent(classification.accuracy)}</b><small>${percentInterval(accuracyInterval)}</small><small>gate ${percent(gates.accuracy)}: ${gate.accuracyPassed ? 'passed' : 'failed'}</small></div>
<div class="${gateTile(gate.calibrationPassed)}"><span>calibration error</span><b>${percent(calibration.error)}</b><small>noise floor ${percent(calibration.noiseFloor)}</small><small>gate ${percent(gates.calibration)}: ${gate.calibrationPassed ? 'passed' : 'failed'}</small></div>
<div class="tile"><span>best baseline</span><b>${percent(baselines.best)}</b><small>without any model</small></div>
<div class="tile"><span>breaks even at</span><b>${breakEvenText(evaluation)}</b>${breakEven && html`<small>${percent(breakEven.tradedAccuracy)} of the traded windows were right</small>`}<small>net return ${percent(trades.both.netReturn, 2)}, ${count(trades.both.trades)} trades, long and short</small></div>
</div>`;
}

function provenance(model: ModelResult): Html {
  const { from, to } = model.evaluation;
  return html`${longFacts([
    ['model', hashed(model.model, model.modelSha256)],
    ['data', html`${model.dataFiles.map(({ file, sha256 }) => html`<span class="line">${hashed(file, sha256)}</span>`)}`],
    ['features', html`<code>${model.featureSet}</code>, ${model.alignment}`],
    ['split', html`${model.split}, ${minuteText(from)} to ${minuteText(to)}`],
    ['windows left out', `${count(model.dropped.incompleteWindows)} incomplete, ${count(model.dropped.windowsAcrossGaps)} across gaps, ${count(model.dropped.embargoRows)} embargo rows`],
    ['engine', `${model.engine}, ${model.precision}, ${count(model.windowsPerSecond)} windows/s, ${model.seconds.toFixed(1)} s`],
  ])}
${model.assumed.length > 0 && html`<div class="callout"><strong>${explained('assumed')}</strong>, because no file said so:${list(model.assumed)}</div>`}
${model.warnings.length > 0 && html`<div class="callout warn"><strong>Warnings</strong>${list(model.warnings)}</div>`}`;
}
