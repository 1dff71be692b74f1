import type { CheckNotRun } from '../../evaluation/evaluation.js';
import { checkRan } from '../../evaluation/gate.js';
import { shiftsText } from '../../evaluation/gate-reasons.js';
import { count, decimal, percent, percentInterval } from '../../number-text.js';
import type { ModelResult } from '../run-result.js';
import { explained } from './explanations.js';
import { html, type Html } from './html.js';

type Outcome = 'cleared' | 'suspect' | 'not run';

/** What a pass must survive before it is believed, and what came of it. */
export function checksPart(model: ModelResult): Html {
  return html`<h3>Is it real?</h3>
<ul class="checks">${[lookAhead(model), shuffledLabels(model), barLag(model)]}</ul>
${model.causalRescore && causalRescore(model, model.causalRescore)}
${model.agreement && html`<p>int8 against fp32 on ${count(model.agreement.windows)} of these windows: ${percent(model.agreement.equalDecisions, 2)} of decisions are equal, probabilities differ by up to ${decimal(model.agreement.maxDifference, 4)}.</p>`}`;
}

function check(outcome: Outcome, name: Html | string, text: Html | string): Html {
  return html`<li class="${outcome.replace(' ', '-')}"><span class="outcome">${outcome}</span> <b>${name}</b>: ${text}</li>\n`;
}

function lookAhead({ leaky, alignment }: ModelResult): Html {
  return leaky
    ? check('suspect', explained('leaky', 'look-ahead'), html`the features (<code>${alignment}</code>) see bars that are not closed yet`)
    : check('cleared', explained('leaky', 'look-ahead'), html`the features (<code>${alignment}</code>) see closed bars only`);
}

function notRun({ gate }: ModelResult, check: CheckNotRun | undefined): string {
  if (check !== undefined) return check.notRun;
  return gate.accuracyPassed || gate.calibrationPassed ? 'the pass is not cleared without it' : 'no gate passed, so it was not needed';
}

function shuffledLabels(model: ModelResult): Html {
  const result = model.checks.shuffledLabels;
  if (!checkRan(result)) return check('not run', explained('shuffled'), notRun(model, result));
  return check(
    result.suspect ? 'suspect' : 'cleared',
    explained('shuffled'),
    `${shiftsText(result)}${result.suspect ? ': as accurate on outcomes that are not its own' : ''}`,
  );
}

function barLag(model: ModelResult): Html {
  const result = model.checks.barLag;
  if (!checkRan(result)) return check('not run', explained('bar-lag'), notRun(model, result));
  const accuracies = `accuracy ${percent(result.accuracy)} becomes ${percent(result.laggedAccuracy)} one minute later`;
  const loses = result.edgeLost > 0 ? percent(result.edgeLost, 0) : 'none';
  const lost = Number.isFinite(result.edgeLost) && result.accuracy > result.baseline ? `: it loses ${loses} of its edge over the majority (${percent(result.baseline)})` : '';
  return check(result.suspect ? 'suspect' : 'cleared', explained('bar-lag'), accuracies + lost);
}

function causalRescore({ evaluation, alignment }: ModelResult, causal: NonNullable<ModelResult['causalRescore']>): Html {
  return html`<div class="versus">
<div class="leaky-side"><span>as trained, <code>${alignment}</code>, LEAKY</span><b>${percent(evaluation.classification.accuracy)}</b><small>${percentInterval(evaluation.accuracyInterval)} · calibration error ${percent(evaluation.calibration.error)} · ${count(evaluation.windows)} windows</small></div>
<div><span>the same checkpoint on causal features</span><b>${percent(causal.accuracy)}</b><small>${percentInterval(causal.interval)} · calibration error ${percent(causal.calibrationError)} · ${count(causal.windows)} windows</small></div>
</div>`;
}
