import type { PairedLogLoss } from '../../evaluation/paired-log-loss.js';
import type { ComparedModel } from '../comparison/comparison.js';
import type { PlotlyFigure, PlotlyTrace } from './plotly-figure.js';
import { colours, errorBars, figureLayout, level, percentAxis, plainLabel, seriesLine, shareRange } from './style.js';

/** Reliability curves one over the other: mean probability said against the share that went up. The larger the point, the more windows. */
export function comparedReliabilityFigure(models: readonly ComparedModel[]): PlotlyFigure {
  return {
    data: [
      { type: 'scatter', mode: 'lines', name: 'perfect', x: [0, 1], y: [0, 1], line: { color: colours.baseline, width: 1.5, dash: 'dash' }, hoverinfo: 'skip' },
      ...models.map(({ name, evaluation }, index): PlotlyTrace => {
        const bins = evaluation.calibration.bins.filter(({ windows }) => windows > 0);
        const most = Math.max(1, ...bins.map(({ windows }) => windows));
        return {
          ...series(name, index),
          x: bins.map(({ meanProbability }) => meanProbability),
          y: bins.map(({ shareUp }) => shareUp),
          customdata: bins.map(({ windows }) => windows),
          marker: { color: seriesLine(index).color, size: bins.map(({ windows }) => 4 + 6 * Math.sqrt(windows / most)) },
          hovertemplate: `said %{x:.1%}, went up %{y:.1%}<br>%{customdata:,} windows<extra>${plainLabel(name)}</extra>`,
        };
      }),
    ],
    layout: figureLayout('Reliability of all models', percentAxis('probability of "up" the model said', [0, 1]), percentAxis('share that went up', [0, 1])),
  };
}

/** Accuracy among the most confident share of the windows, one curve a model, beside the best baseline. */
export function comparedCoverageFigure(models: readonly ComparedModel[]): PlotlyFigure {
  const baseline = models[0]?.evaluation.baselines.best;
  // Among a handful of windows accuracy is chance, and would stretch the axis.
  const curves = models.map(({ evaluation }) => evaluation.coverage.filter(({ windows }) => windows >= FEWEST_SHOWN));
  return {
    data: [
      ...(baseline === undefined ? [] : [level('baseline', baseline, [0, 1], colours.baseline)]),
      ...models.map(({ name }, index): PlotlyTrace => ({
        ...series(name, index),
        mode: 'lines',
        x: curves[index].map(({ coverage }) => coverage),
        y: curves[index].map(({ accuracy }) => accuracy),
        hovertemplate: `%{y:.1%} right among the most confident %{x:.1%}<extra>${plainLabel(name)}</extra>`,
      })),
    ],
    layout: figureLayout(
      'Accuracy against coverage',
      percentAxis('share kept, most confident first', [0, 1]),
      percentAxis('accuracy among them', shareRange([baseline, ...curves.flat().map(({ accuracy }) => accuracy)])),
    ),
  };
}

const FEWEST_SHOWN = 100;

/** Net return of the simulated trades, both ways, against what a trade costs. `costsBps`: spread and slippage together. */
export function costCurveFigure(models: readonly ComparedModel[], costsBps: readonly number[]): PlotlyFigure {
  return {
    data: [
      { type: 'scatter', mode: 'lines', name: 'nothing earned', x: [costsBps[0] ?? 0, costsBps.at(-1) ?? 0], y: [0, 0], line: { color: colours.baseline, width: 1.5, dash: 'dash' }, hoverinfo: 'skip' },
      ...models.map(({ name, netReturns, evaluation }, index): PlotlyTrace => ({
        ...series(name, index),
        x: costsBps,
        y: netReturns,
        marker: { color: seriesLine(index).color, size: 5 },
        hovertemplate: `%{y:.2%} at %{x} bps, ${evaluation.trades.both.trades.toLocaleString('en-US')} trades<extra>${plainLabel(name)}</extra>`,
      })),
    ],
    layout: figureLayout('Net return against costs', { title: { text: 'spread and slippage of a trade, bps' } }, { title: { text: 'net return' }, tickformat: '.1%' }),
  };
}

/** Differences in log loss with their 95 % intervals, one below the other. Left of 0 is better than `reference`. */
export function differenceFigure(rows: readonly ({ readonly name: string } & PairedLogLoss)[], reference: string): PlotlyFigure {
  const names = rows.map(({ name }) => plainLabel(name));
  const differences = rows.map(({ difference }) => difference);
  const ends = rows.flatMap(({ difference, interval }) => (interval === undefined ? [difference] : [interval.low, interval.high]));
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const margin = 0.05 * (high - low || 0.01);
  return {
    data: [
      { type: 'scatter', mode: 'lines', name: plainLabel(reference), x: [0, 0], y: [0, 1], yaxis: 'y2', line: { color: colours.baseline, width: 1.5, dash: 'dash' }, hoverinfo: 'skip' },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'difference, 95 % interval',
        x: differences,
        y: names,
        error_x: errorBars(differences, rows.map(({ interval }) => interval), colours.model),
        marker: { color: colours.model, size: 10 },
        hovertemplate: '%{y}: %{x:.4f}<extra></extra>',
      },
    ],
    layout: figureLayout(
      'Difference in log loss',
      { title: { text: `log loss less that of ${plainLabel(reference)}: left is better` }, range: [low - margin, high + margin] },
      { type: 'category', autorange: 'reversed', showgrid: false },
      { height: 150 + 40 * rows.length, yaxis2: { overlaying: 'y', range: [0, 1], visible: false, fixedrange: true } },
    ),
  };
}

/** Windows scored a second, a bar a model, on a scale of powers of ten. */
export function speedFigure(models: readonly ComparedModel[]): PlotlyFigure {
  const speeds = models.map(({ windowsPerSecond }) => windowsPerSecond);
  const decades: readonly [number, number] = [Math.floor(Math.log10(Math.min(...speeds))) - 0.3, Math.ceil(Math.log10(Math.max(...speeds)))];
  return {
    data: models.map(({ name, windowsPerSecond, engine, seconds }, index): PlotlyTrace => ({
      type: 'bar',
      name: plainLabel(name),
      x: [plainLabel(name)],
      y: [windowsPerSecond],
      customdata: [[engine, seconds]],
      marker: { color: seriesLine(index).color },
      showlegend: false,
      hovertemplate: '%{x}: %{y:,.0f} windows/s<br>%{customdata[0]}, %{customdata[1]:.2f} s<extra></extra>',
    })),
    layout: figureLayout('Speed', { type: 'category', showgrid: false }, { type: 'log', title: { text: 'windows scored a second' }, range: decades, dtick: 1, tickformat: ',' }, { barmode: 'overlay' }),
  };
}

function series(name: string, index: number): { readonly type: 'scatter'; readonly mode: 'lines' | 'lines+markers'; readonly name: string; readonly line: object } {
  return { type: 'scatter', mode: 'lines+markers', name: plainLabel(name), line: { ...seriesLine(index), width: 2 } };
}
