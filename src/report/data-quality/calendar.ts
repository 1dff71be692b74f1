import type { DayCompleteness } from '../../candles/quality/completeness.js';
import { count, percent } from '../../number-text.js';
import { html, type Html } from '../html/html.js';

const cell = 15;
const left = 62;
const top = 18;

/**
 * Steps of completeness, from cividis (Nunez et al. 2018), which reads the same with any colour vision; each step
 * also has its own lightness, and a day with a missing minute carries a dot, so that no colour need be told apart.
 */
const steps: readonly { readonly least: number; readonly colour: string; readonly text: string }[] = [
  { least: 1, colour: '#fee838', text: 'every minute' },
  { least: 0.99, colour: '#d2c060', text: '99 % and more' },
  { least: 0.95, colour: '#a59c74', text: '95 % and more' },
  { least: 0.8, colour: '#7c7b78', text: '80 % and more' },
  { least: 1e-9, colour: '#434e6c', text: 'less' },
  { least: 0, colour: '#00224e', text: 'no candle' },
];

/** A calendar of completeness: a row a month, a cell a day. Plain SVG; each cell says its day and share. */
export function completenessCalendar(days: readonly DayCompleteness[], name: string): Html {
  const months = [...new Set(days.map(({ day }) => monthOf(day)))];
  const height = top + months.length * cell + 4;
  const width = left + 31 * cell + 4;
  return html`<div class="scroll"><svg class="calendar" role="img" aria-label="Share of minutes present by day, ${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
${[1, 5, 10, 15, 20, 25, 30].map((day) => html`<text x="${left + (day - 0.5) * cell}" y="12" text-anchor="middle">${day}</text>`)}
${months.map((month, row) => html`<text x="0" y="${top + row * cell + 11}">${month}</text>`)}
${days.map((day) => dayCell(day, months.indexOf(monthOf(day.day))))}
</svg></div>
<p class="note legend">${steps.map(({ colour, text }) => html`<span><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="${colour}"/></svg> ${text}</span> `)}</p>`;
}

const monthOf = (day: number): string => new Date(day).toISOString().slice(0, 7);

function dayCell({ day, minutes, of }: DayCompleteness, row: number): Html {
  const share = of > 0 ? minutes / of : 0;
  const column = new Date(day).getUTCDate() - 1;
  const [x, y] = [left + column * cell, top + row * cell];
  const step = steps.find(({ least }) => share >= least) ?? steps[steps.length - 1];
  const missing = of - minutes;
  const text = `${new Date(day).toISOString().slice(0, 10)}: ${percent(share, 2)}, ${missing > 0 ? `${count(missing)} of ${count(of)} minutes missing` : `all ${count(of)} minutes`}`;
  return html`<g><title>${text}</title><rect x="${x}" y="${y}" width="${cell - 2}" height="${cell - 2}" rx="2" fill="${step?.colour ?? '#00224e'}"/>${missing > 0 && html`<circle cx="${x + 6.5}" cy="${y + 6.5}" r="1.6" fill="${share >= 0.95 ? '#000000' : '#ffffff'}"/>`}</g>`;
}
