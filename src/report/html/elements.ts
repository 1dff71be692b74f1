import type { Verdict } from '../../evaluation/evaluation.js';
import type { PlotlyFigure } from '../figures/plotly-figure.js';
import { html, jsonForScript, type Html } from './html.js';

/** A heading of a table, on the right when its column holds numbers. */
export interface Head {
  readonly text: string;
  readonly number?: boolean;
}

type Cell = Html | string | number;

/** A table that scrolls within itself where the screen is too narrow for it. */
export function table(caption: string, heads: readonly Head[], rows: readonly (readonly Cell[])[]): Html {
  const side = (index: number): string => (heads[index]?.number === true ? 'number' : 'text');
  return html`<div class="scroll"><table>
<caption>${caption}</caption>
${heads.some(({ text }) => text !== '') && html`<thead><tr>${heads.map(({ text }, index) => html`<th scope="col" class="${side(index)}">${text}</th>`)}</tr></thead>`}
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td class="${side(index)}">${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** A figure's place; the page's script draws what the JSON in it says. `numbers` is the same as a table, for those without it. */
export function figure(plot: PlotlyFigure, numbers?: Html): Html {
  const { title, ...layout } = plot.layout;
  const height = typeof layout.height === 'number' ? layout.height : 340;
  return html`<figure>
<figcaption>${title.text}</figcaption>
<div class="plot" role="img" aria-label="${title.text}" style="height:${height}px"><script type="application/json">${jsonForScript({ data: plot.data, layout })}</script></div>
${numbers === undefined ? undefined : html`<details><summary>the numbers</summary>${numbers}</details>`}
</figure>`;
}

const signs: Record<Verdict, string> = { PROMOTE: '✓', RETRAIN: '✗', SUSPECT: '?' };

export function verdictBadge(verdict: Verdict): Html {
  return html`<strong class="badge ${verdict.toLowerCase()}"><span aria-hidden="true">${signs[verdict]}</span> ${verdict}</strong>`;
}

type Fact = readonly [term: Html | string, value: Html | string];

/** Terms and their numbers, in as many columns as there is room for. */
export function facts(pairs: readonly Fact[]): Html {
  return html`<dl class="facts">${pairs.map(factRow)}</dl>`;
}

/** Terms and their text, one below the other. */
export function longFacts(pairs: readonly Fact[]): Html {
  return html`<dl class="facts long">${pairs.map(factRow)}</dl>`;
}

const factRow = ([term, value]: Fact): Html => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`;

export function list(items: readonly (Html | string)[]): Html {
  return html`<ul>${items.map((item) => html`<li>${item}</li>\n`)}</ul>`;
}

/** A file with the beginning of its hash; the whole is in the JSON. */
export function hashed(file: string, sha256: string): Html {
  return html`<span class="file">${file}</span> <code title="SHA-256 ${sha256}">${sha256.slice(0, 12)}</code>`;
}
