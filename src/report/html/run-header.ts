import { minuteText, percent } from '../../number-text.js';
import type { RunResult } from '../run-result.js';
import { list, longFacts } from './elements.js';
import { html, type Html } from './html.js';

/** What was run: when, with which gates and options, and what went wrong on the way. */
export function runHeader(run: RunResult): Html {
  const count = run.models.length;
  return html`<header class="run">
<p class="product">crpbot evaluation</p>
<h1>${count === 1 ? 'One model' : `${count} models`}, ${outcome(run)}</h1>
<p class="lead">${minuteText(run.startedAt)} · gates: accuracy of ${percent(run.gates.accuracy)} or more, calibration error of ${percent(run.gates.calibration)} or less</p>
${run.warnings.length > 0 && html`<div class="callout warn"><strong>Warnings</strong>${list(run.warnings)}</div>`}
</header>`;
}

/** `1 to promote, 2 to retrain`. */
function outcome({ models }: RunResult): string {
  const verdicts = (['PROMOTE', 'SUSPECT', 'RETRAIN'] as const).flatMap((verdict) => {
    const found = models.filter(({ gate }) => gate.verdict === verdict).length;
    return found === 0 ? [] : [`${found} ${verdict === 'SUSPECT' ? 'suspect' : `to ${verdict.toLowerCase()}`}`];
  });
  return verdicts.length === 0 ? 'nothing evaluated' : verdicts.join(', ');
}

/** Every option as used, and the version that used it. */
export function runOptions(run: RunResult): Html {
  const options = Object.entries(run.options).filter(([, value]) => value !== undefined);
  return html`<section id="run">
<h2>How it was run</h2>
${longFacts([['crpbot', run.crpbotVersion], ['started', minuteText(run.startedAt)], ...options.map(([name, value]) => [name, optionText(value)] as const)])}
<p class="note">Every figure, all inputs and their full hashes are in evaluation_results.json beside this page.</p>
</section>`;
}

function optionText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(optionText).join(', ');
  return JSON.stringify(value) ?? '';
}
