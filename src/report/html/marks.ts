import type { ModelResult } from '../run-result.js';
import { marks } from '../verdict.js';
import { html, type Html } from './html.js';

/** `LEAKY`, `INT8`, `ASSUMED`, where they apply. */
export function markBadges(model: ModelResult): Html {
  return html`${marks(model).map((mark) => html`<span class="mark ${mark.toLowerCase()}">${mark}</span> `)}`;
}

/** What must be read before the numbers: a model that was shown the future, a precision that decides nothing. */
export function markBanners(model: ModelResult): Html {
  return html`${model.leaky && leakyBanner(model)}${model.precision === 'int8' && html`<div class="callout warn"><p><strong>INT8, screening only.</strong> A gate is never decided by it: score again with fp32 before acting on these figures.</p></div>`}`;
}

function leakyBanner(model: ModelResult): Html {
  return html`<div class="callout alarm"><p><strong>LEAKY: these features see the future.</strong>
Alignment <code>${model.alignment}</code> shows the model 5-minute, 15-minute and hourly bars before they are closed, up to 59 minutes ahead.
Nothing below can be expected of it live; only its score on causal features can.</p></div>`;
}
