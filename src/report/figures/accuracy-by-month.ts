import type { Evaluation } from '../../evaluation/evaluation.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, errorBars, figureLayout, level, percentAxis, plainLabel, shareRange } from './style.js';

/** Accuracy month by month with its 95 % interval, beside the gate and what always saying the commoner outcome would give. */
export function accuracyByMonthFigure(evaluation: Evaluation, accuracyGate: number): PlotlyFigure {
  const { byMonth } = evaluation;
  const months = byMonth.map(({ name }) => plainLabel(name));
  const accuracies = byMonth.map(({ accuracy }) => accuracy);
  const majority = byMonth.map(({ baseRate }) => Math.max(baseRate, 1 - baseRate));
  const intervals = byMonth.map(({ interval }) => interval);
  const ends = intervals.flatMap((interval) => (interval === undefined ? [] : [interval.low, interval.high]));
  const gate = level('gate', accuracyGate, [0, 1], colours.gate);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: 'accuracy, 95 % interval',
        x: months,
        y: accuracies,
        error_y: errorBars(accuracies, intervals, colours.model),
        customdata: byMonth.map(({ windows }) => windows),
        marker: { color: colours.model, size: 9 },
        hovertemplate: '%{x}: %{y:.1%} of %{customdata:,} windows<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'majority',
        x: months,
        y: majority,
        marker: { color: colours.baseline, size: 16, symbol: 'line-ew-open', line: { width: 2 } },
        hovertemplate: '%{x}: the commoner outcome %{y:.1%}<extra></extra>',
      },
      // On an axis of its own, so that the line runs from edge to edge whatever the number of months.
      { ...gate, xaxis: 'x2' },
    ],
    layout: figureLayout(
      'Accuracy by month',
      { type: 'category' },
      percentAxis('accuracy', shareRange([...accuracies, ...majority, ...ends, accuracyGate])),
      { xaxis2: { overlaying: 'x', range: [0, 1], visible: false, fixedrange: true } },
    ),
  };
}
