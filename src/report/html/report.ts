import type { RunResult } from '../run-result.js';
import { explanationSection } from './explanations.js';
import { html } from './html.js';
import { modelSection } from './model-section.js';
import { runHeader, runOptions } from './run-header.js';
import { scriptedPage } from './scripted-page.js';
import { summarySection } from './summary.js';

/** `report.html`: one file that needs nothing else, neither network nor server. `plotly` is the source of plotly.js. */
export function reportHtml(run: RunResult, plotly: string): string {
  const title = `crpbot evaluation: ${run.models.map(({ symbol, gate }) => `${symbol} ${gate.verdict}`).join(', ')}`;
  const content = html`${runHeader(run)}
<noscript><p class="callout warn">The figures need JavaScript. Every number they show is in the tables, too.</p></noscript>
${summarySection(run)}
${run.models.map((model, index) => modelSection(model, index, run.gates))}
${explanationSection()}
${runOptions(run)}`;
  return scriptedPage(title, content, plotly);
}
