import type { BarTrace, ErrorBars, HeatmapTrace, PlotlyTrace, ScatterTrace } from '../../report/figures/plotly-figure.js';
import { element } from './elements.js';
import type { Scale } from './scale.js';

export const INK = '#7d8694';
/** Text on the cells of a heatmap. */
export const CELL_INK = '#1c2430';

/** A trace drawn on its two axes. */
export function drawTrace(trace: PlotlyTrace, x: Scale, y: Scale): string {
  switch (trace.type) {
    case 'scatter':
      return drawScatter(trace, x, y);
    case 'bar':
      return drawBars(trace, x, y);
    case 'heatmap':
      return drawHeatmap(trace, x, y);
  }
}

/** The colour a trace is known by: its line's, or its markers'. */
export function traceColour(trace: PlotlyTrace): string {
  const { line, marker } = trace as { line?: { color?: unknown }; marker?: { color?: unknown } };
  const colour = line?.color ?? marker?.color;
  return typeof colour === 'string' ? colour : INK;
}

/** Its line's dashes; undefined for a solid one. */
export function traceDashes(trace: PlotlyTrace): string | undefined {
  const { dash } = (trace as { line?: { dash?: unknown } }).line ?? {};
  return dash === undefined || dash === 'solid' ? undefined : '6 4';
}

function drawScatter(trace: ScatterTrace, x: Scale, y: Scale): string {
  const points = trace.x.flatMap((value, index) => {
    const other = trace.y[index];
    return other === null || other === undefined ? [] : [{ index, x: x.position(value), y: y.position(other) }];
  });
  const line = trace.mode.includes('lines') ? drawLine(trace, points) : '';
  const markers = trace.mode.includes('markers') ? points.map((point) => drawMarker(trace, point)).join('') : '';
  const bars = points.map(({ index }) => drawErrors(trace, index, x, y)).join('');
  return line + bars + markers;
}

function drawLine(trace: ScatterTrace, points: readonly { readonly x: number; readonly y: number }[]): string {
  const { width, shape } = (trace.line ?? {}) as { width?: number; shape?: string };
  const number = (value: number): string => String(Number(value.toFixed(1)));
  const path = points.map((point, index) => {
    if (index === 0) return `M${number(point.x)} ${number(point.y)}`;
    return shape === 'hv' ? `H${number(point.x)}V${number(point.y)}` : `L${number(point.x)} ${number(point.y)}`;
  });
  return element('path', { d: path.join(''), fill: 'none', stroke: traceColour(trace), 'stroke-width': width ?? 2, 'stroke-dasharray': traceDashes(trace) });
}

function drawMarker(trace: ScatterTrace, point: { readonly index: number; readonly x: number; readonly y: number }): string {
  const { size, symbol } = (trace.marker ?? {}) as { size?: number | readonly number[]; symbol?: string };
  const radius = ((typeof size === 'object' ? size[point.index] : size) ?? 6) / 2;
  const colour = traceColour(trace);
  const stroke = { stroke: colour, 'stroke-width': 2.5 };
  if (symbol === 'line-ew-open') return element('path', { d: `M${point.x - radius} ${point.y}h${2 * radius}`, ...stroke });
  if (symbol === 'line-ns-open') return element('path', { d: `M${point.x} ${point.y - radius}v${2 * radius}`, ...stroke });
  return element('circle', { cx: point.x, cy: point.y, r: radius, fill: colour });
}

function drawErrors(trace: ScatterTrace, index: number, x: Scale, y: Scale): string {
  const draw = (bars: ErrorBars | undefined, along: Scale, from: (end: number) => [number, number]): string => {
    const value = along === x ? trace.x[index] : trace.y[index];
    if (bars === undefined || typeof value !== 'number') return '';
    const [x1, y1] = from(along.position(value - (bars.arrayminus[index] ?? 0)));
    const [x2, y2] = from(along.position(value + (bars.array[index] ?? 0)));
    return element('line', { x1, y1, x2, y2, stroke: traceColour(trace), 'stroke-width': 1.5 });
  };
  const across = (scale: Scale, value: number | string | null | undefined): number => (value === null || value === undefined ? NaN : scale.position(value));
  return (
    draw(trace.error_x, x, (end) => [end, across(y, trace.y[index])]) + draw(trace.error_y, y, (end) => [across(x, trace.x[index]), end])
  );
}

function drawBars(trace: BarTrace, x: Scale, y: Scale): string {
  const widths = trace.width as readonly number[] | undefined;
  const { opacity } = (trace.marker ?? {}) as { opacity?: number };
  return trace.x
    .map((value, index) => {
      const centre = x.position(value);
      const own = widths?.[index];
      const half = own === undefined || typeof value !== 'number' ? x.band * 0.4 : Math.abs(x.position(value + own / 2) - centre);
      const [top, bottom] = [y.position(trace.y[index] ?? 0), y.position(0)];
      const box = { x: centre - half, y: Math.min(top, bottom), width: 2 * half, height: Math.abs(bottom - top) };
      return element('rect', { ...box, fill: traceColour(trace), 'fill-opacity': opacity });
    })
    .join('');
}

function drawHeatmap(trace: HeatmapTrace, x: Scale, y: Scale): string {
  const gap = 1.5;
  return trace.z
    .flatMap((row, rowIndex) =>
      row.map((value, index) => {
        const centre = { x: x.position(trace.x[index] ?? ''), y: y.position(trace.y[rowIndex] ?? '') };
        const box = { x: centre.x - x.band / 2 + gap, y: centre.y - y.band / 2 + gap, width: x.band - 2 * gap, height: y.band - 2 * gap };
        return element('rect', { ...box, fill: cellColour(value) });
      }),
    )
    .join('');
}

/** The report's blue at its strength, on white: opaque, so that `CELL_INK` reads on it whatever the page's colour. */
function cellColour(share: number): string {
  const strength = 0.04 + 0.71 * Math.max(0, Math.min(1, share));
  const channels = [61, 132, 214].map((blue) => Math.round(255 + (blue - 255) * strength));
  return `rgb(${channels.join(',')})`;
}
