import type { Interval } from '../../evaluation/evaluation.js';
import type { ErrorBars, PlotlyAxis, PlotlyLayout, ScatterTrace } from './plotly-figure.js';

/** Colours that read on white and on near-black, and apart from each other to a colour-blind reader. */
export const colours = {
  model: '#3d84d6',
  second: '#d9822b',
  gate: '#a66bd4',
  baseline: '#8a93a3',
  good: '#2a9d74',
  bad: '#d1556b',
} as const;

/** Told apart by a colour-blind reader too; the first four are of `colours`. */
const series = [colours.model, colours.second, colours.good, colours.gate, '#c9b037', '#5bb8c9', colours.bad, '#8c6d4f'] as const;
const dashes = ['solid', 'dash', 'dot', 'dashdot'] as const;

/** How the n-th of several curves in one figure is drawn: colours first, then again with other dashes. */
export function seriesLine(index: number): { readonly color: string; readonly dash: string } {
  return { color: series[index % series.length] ?? colours.model, dash: dashes[Math.floor(index / series.length) % dashes.length] ?? 'solid' };
}

const text = '#7d8694';
const grid = 'rgba(128, 138, 155, 0.22)';

/** What all figures share: no background of their own, so that they stand on a light and on a dark page. */
export function figureLayout(
  title: string,
  xaxis: PlotlyAxis,
  yaxis: PlotlyAxis,
  more: Readonly<Record<string, unknown>> = {},
): PlotlyLayout {
  const axis = { gridcolor: grid, linecolor: grid, zeroline: false, automargin: true, fixedrange: false };
  return {
    title: { text: title },
    font: { family: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif', size: 12, color: text },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 48, r: 22, t: 44, b: 40 },
    height: 340,
    hovermode: 'closest',
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom', font: { size: 11 } },
    xaxis: { ...axis, ...xaxis },
    yaxis: { ...axis, ...yaxis },
    ...more,
  };
}

/** An axis of shares, shown in percent. */
export function percentAxis(title: string, range?: readonly [number, number]): PlotlyAxis {
  const ticks = { title: { text: title }, tickformat: '.0%' };
  return range === undefined ? ticks : { ...ticks, range };
}

/** A level (a gate, a baseline) as a dashed line across, in the legend. */
export function level(name: string, value: number, x: readonly [number | string, number | string], colour: string): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x,
    y: [value, value],
    line: { color: colour, width: 1.5, dash: 'dash' },
    hovertemplate: `${name}: %{y:.1%}<extra></extra>`,
  };
}

/** Bars from a value to the ends of its interval; none where there is no interval. */
export function errorBars(values: readonly number[], intervals: readonly (Interval | undefined)[], colour: string): ErrorBars {
  const length = (index: number, end: 'low' | 'high'): number => {
    const interval = intervals[index];
    return interval === undefined ? 0 : Math.max(0, (interval[end] - (values[index] ?? 0)) * (end === 'low' ? -1 : 1));
  };
  return {
    type: 'data',
    symmetric: false,
    array: values.map((_, index) => length(index, 'high')),
    arrayminus: values.map((_, index) => length(index, 'low')),
    color: colour,
    thickness: 1.5,
    width: 4,
  };
}

/** From a little below the least to a little above the greatest, within [0, 1]: shares seen close, none cut off. */
export function shareRange(values: readonly (number | undefined)[]): readonly [number, number] {
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const low = Math.min(...finite, 0.5);
  const high = Math.max(...finite, 0.5);
  const margin = Math.max(0.02, (high - low) * 0.08);
  return [Math.max(0, low - margin), Math.min(1, high + margin)];
}

/** A name as text: plotly reads tags and entities in labels. */
export function plainLabel(name: string): string {
  return name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
