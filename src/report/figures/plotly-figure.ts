/**
 * A figure as plain data, as plotly.js takes it: `Plotly.newPlot(element, figure.data, figure.layout)`.
 * Only what our figures use is typed.
 */
export interface PlotlyFigure {
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
}

export interface PlotlyLayout {
  readonly title: { readonly text: string };
  readonly xaxis: PlotlyAxis;
  readonly yaxis: PlotlyAxis;
  readonly yaxis2?: PlotlyAxis;
  /** Pixels. */
  readonly height: number;
  readonly margin: { readonly l: number; readonly r: number; readonly t: number; readonly b: number };
  readonly shapes?: readonly Line[];
  readonly annotations?: readonly Annotation[];
  readonly [option: string]: unknown;
}

export interface PlotlyAxis {
  readonly title?: { readonly text: string };
  readonly range?: readonly [number, number];
  readonly domain?: readonly [number, number];
  readonly [option: string]: unknown;
}

export interface ScatterTrace {
  readonly type: 'scatter';
  readonly mode: 'lines' | 'markers' | 'lines+markers';
  readonly name: string;
  readonly x: readonly (number | string)[];
  readonly y: readonly (number | string | null)[];
  readonly error_x?: ErrorBars;
  readonly error_y?: ErrorBars;
  readonly [option: string]: unknown;
}

export interface BarTrace {
  readonly type: 'bar';
  readonly name: string;
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
  readonly [option: string]: unknown;
}

export interface HeatmapTrace {
  readonly type: 'heatmap';
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly z: readonly (readonly number[])[];
  readonly [option: string]: unknown;
}

export type PlotlyTrace = ScatterTrace | BarTrace | HeatmapTrace;

/** Lengths of the bars beyond the point, and before it. */
export interface ErrorBars {
  readonly type: 'data';
  readonly symmetric: false;
  readonly array: readonly number[];
  readonly arrayminus: readonly number[];
  readonly [option: string]: unknown;
}

interface Line {
  readonly type: 'line';
  readonly [option: string]: unknown;
}

interface Annotation {
  readonly text: string;
  readonly x: number | string;
  readonly y: number | string;
  readonly [option: string]: unknown;
}
