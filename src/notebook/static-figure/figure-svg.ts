import type { PlotlyAxis, PlotlyFigure, PlotlyTrace } from '../../report/figures/plotly-figure.js';
import { element, plainText, textBlock } from './elements.js';
import { makeScale } from './scale.js';
import type { AxisValue, Scale } from './scale.js';
import { CELL_INK, INK, drawTrace, traceColour, traceDashes } from './traces.js';

const WIDTH = 720;
const MARGIN = { left: 76, right: 34, top: 62, bottom: 50 };
const GRID = 'rgba(128,138,155,0.25)';

/**
 * A figure of `src/report/figures` as a static SVG: the same traces, axes and legend, without hovering. It draws what
 * those figures use (scatter, bar, heatmap; linear, date and category axes; a second axis over or under the first).
 */
export function figureSvg({ data, layout }: PlotlyFigure): string {
  const height = typeof layout.height === 'number' ? Math.max(layout.height, 190) : 340;
  const plot = { left: leftMargin(data), right: WIDTH - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const scales = new Map<string, Scale>();
  for (const name of new Set(data.flatMap((trace) => [axisName(trace, 'x'), axisName(trace, 'y')]))) {
    const axis = layout[`${name.slice(0, 1)}axis${name.slice(1)}`] as PlotlyAxis | undefined;
    scales.set(name, scaleFor(name, axis ?? {}, data, plot));
  }
  const scale = (name: string): Scale => {
    const found = scales.get(name);
    if (found === undefined) throw new RangeError(`figure without axis ${name}`);
    return found;
  };
  const traces = data.map((trace) => drawTrace(trace, scale(axisName(trace, 'x')), scale(axisName(trace, 'y'))));
  const clip = { x: 0, y: 0, width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` };
  const noteInk = data.some(({ type }) => type === 'heatmap') ? CELL_INK : INK;
  const notes = (layout.annotations ?? []).map(({ text, x, y }) =>
    textBlock(text, scale('x').position(x), scale('y').position(y) + 5, { 'text-anchor': 'middle', 'font-size': 14, fill: noteInk }),
  );
  const content = [
    textBlock(layout.title.text, WIDTH / 2, 20, { 'text-anchor': 'middle', 'font-size': 16 }),
    legend(data),
    ...[...scales].map(([name, each]) => (name.startsWith('x') ? drawXAxis(each, scales, plot) : drawYAxis(each, plot))),
    element('g', {}, traces.join('')),
    ...notes,
  ];
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...clip, role: 'img', 'font-family': 'system-ui, sans-serif', 'font-size': 12, fill: INK },
    element('title', {}, plainTitle(layout.title.text)) + content.join(''),
  );
}

const plainTitle = (label: string): string => plainText(label).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Room for names on the vertical axis, up to a third of the width. */
function leftMargin(data: readonly PlotlyTrace[]): number {
  const names = data.flatMap((trace) => (trace.type === 'scatter' ? trace.y : [])).filter((value): value is string => typeof value === 'string');
  const longest = names.reduce((most, name) => Math.max(most, plainText(name).length), 0);
  return Math.min(Math.max(MARGIN.left, 16 + 6.6 * longest), WIDTH / 3);
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** `x`, `x2`, `y`, `y2`. */
function axisName(trace: PlotlyTrace, direction: 'x' | 'y'): string {
  const name = trace[`${direction}axis`];
  return typeof name === 'string' ? name : direction;
}

function scaleFor(name: string, axis: PlotlyAxis, data: readonly PlotlyTrace[], plot: Box): Scale {
  const horizontal = name.startsWith('x');
  const [from, to] = axis.domain ?? [0, 1];
  const onAxis = data.filter((trace) => axisName(trace, horizontal ? 'x' : 'y') === name);
  const values = onAxis.flatMap((trace): readonly (AxisValue | null)[] => (horizontal ? trace.x : trace.y)).filter((value): value is AxisValue => value !== null);
  const between = (start: number, end: number, share: number): number => start + (end - start) * share;
  const pixels: readonly [number, number] = horizontal
    ? [between(plot.left, plot.right, from), between(plot.left, plot.right, to)]
    : [between(plot.bottom, plot.top, from), between(plot.bottom, plot.top, to)];
  return makeScale(axis, values, pixels, axis.rangemode === 'tozero' || (!horizontal && onAxis.some(({ type }) => type === 'bar')));
}

function drawXAxis({ axis, ticks, pixels }: Scale, scales: ReadonlyMap<string, Scale>, plot: Box): string {
  if (axis.visible === false) return '';
  const lowest = Math.max(...[...scales].filter(([name]) => name.startsWith('y')).map(([, scale]) => scale.pixels[0]), plot.bottom);
  const y = axis.side === 'top' ? plot.top - 6 : lowest + 17;
  const lines = axis.showgrid === false ? [] : ticks.map(({ position }) => element('line', { x1: position, x2: position, y1: plot.top, y2: lowest, stroke: GRID }));
  const labels = ticks.map(({ position, label }) => textBlock(label, position, y, { 'text-anchor': 'middle' }));
  const title = axis.title === undefined ? '' : textBlock(axis.title.text, (pixels[0] + pixels[1]) / 2, lowest + 38, { 'text-anchor': 'middle' });
  return lines.join('') + labels.join('') + title;
}

function drawYAxis({ axis, ticks, pixels }: Scale, plot: Box): string {
  if (axis.visible === false) return '';
  const lines = axis.showgrid === false ? [] : ticks.map(({ position }) => element('line', { x1: plot.left, x2: plot.right, y1: position, y2: position, stroke: GRID }));
  const labels = ticks.map(({ position, label }) => textBlock(label, plot.left - 6, position + 4, { 'text-anchor': 'end' }));
  const middle = (pixels[0] + pixels[1]) / 2;
  const title = axis.title === undefined ? '' : textBlock(axis.title.text, 16, middle, { 'text-anchor': 'middle', transform: `rotate(-90 16 ${middle})` });
  return lines.join('') + labels.join('') + title;
}

/** Names in a row under the title, as far as they fit. */
function legend(data: readonly PlotlyTrace[]): string {
  const named = data.filter((trace): trace is Exclude<PlotlyTrace, { type: 'heatmap' }> => trace.type !== 'heatmap' && trace.showlegend !== false);
  let x = MARGIN.left;
  return named
    .map((trace) => {
      const swatch = element('line', { x1: x, x2: x + 18, y1: 42, y2: 42, stroke: traceColour(trace), 'stroke-width': 3, 'stroke-dasharray': traceDashes(trace) });
      const text = textBlock(trace.name, x + 24, 46, { 'font-size': 11 });
      x += 44 + plainText(trace.name).length * 6.2;
      return swatch + text;
    })
    .join('');
}
