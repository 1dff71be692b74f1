import { count, minuteText } from '../../number-text.js';
import { comparedCoverageFigure, comparedReliabilityFigure, costCurveFigure, differenceFigure, speedFigure } from '../figures/compared-models.js';
import { figure, list, longFacts, table } from '../html/elements.js';
import { html, type Html } from '../html/html.js';
import { scriptedPage } from '../html/scripted-page.js';
import { differencesOf, type ComparedSymbol, type Comparison } from './comparison.js';
import { costRows, skillRows, type TextRow } from './tables.js';

/** `compare.html`: one file that needs nothing else, neither network nor server. `plotly` is the source of plotly.js. */
export function comparisonHtml(comparison: Comparison, plotly: string): string {
  const { symbols, warnings, startedAt, crpbotVersion, source } = comparison;
  const models = symbols.reduce((sum, each) => sum + each.models.length, 0);
  const content = html`<header class="run">
<p class="product">crpbot compare</p>
<h1>${models} models of ${symbols.map(({ symbol }) => symbol).join(', ')}</h1>
<p class="lead">${minuteText(startedAt)}. All models of a symbol on the same windows, so that only the models differ.</p>
${warnings.length > 0 && html`<div class="callout warn"><strong>Warnings</strong>${list(warnings)}</div>`}
</header>
<noscript><p class="callout warn">The figures need JavaScript. Every number that decides is in the tables, too.</p></noscript>
${symbols.map((each) => symbolSection(each, comparison))}
<section id="run"><h2>How it was run</h2>${longFacts([['crpbot', crpbotVersion], ['compared', source]])}<p class="note">Every figure is in compare.csv beside this page.</p></section>`;
  return scriptedPage(`crpbot compare: ${symbols.map(({ symbol }) => symbol).join(', ')}`, content, plotly);
}

function symbolSection(of: ComparedSymbol, comparison: Comparison): Html {
  const { symbol, windows, left, reference, models } = of;
  const warned = models.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`));
  return html`<section>
<h2><span class="symbol">${symbol}</span></h2>
<p class="lead">${count(windows)} windows that all models have${left > 0 && `; ${count(left)} that only some have were left out`}.</p>
${warned.length > 0 && html`<div class="callout warn">${list(warned)}</div>`}
${textTable('How right, and how honest', skillRows(of))}
<p class="note">The difference in log loss is taken window by window against ${reference}, with a 95 % interval that knows that windows overlap. Below 0 is better; an interval that holds 0 says that chance may have made it. Of many models the best looks better than it is.</p>
${figure(differenceFigure(differencesOf(models), reference))}
${textTable('What it would earn, and what it takes', costRows(of, comparison))}
<div class="figures">${[comparedReliabilityFigure(models), comparedCoverageFigure(models), costCurveFigure(models, comparison.costsBps), speedFigure(models)].map((each) => figure(each))}</div>
</section>`;
}

function textTable(caption: string, rows: readonly TextRow[]): Html {
  const names = Object.keys(rows[0] ?? {});
  return table(caption, names.map((text) => ({ text, number: text !== 'model' && text !== 'judged' })), rows.map((row) => names.map((name) => row[name] ?? '')));
}
