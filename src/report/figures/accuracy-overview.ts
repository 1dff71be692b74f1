import { rowNames } from '../row-names.js';
import type { RunResult } from '../run-result.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, errorBars, figureLayout, percentAxis, plainLabel, shareRange } from './style.js';

/** Every model's accuracy with its 95 % interval, beside its baseline, its break-even accuracy and the gate; first model on top. */
export function accuracyOverviewFigure({ models, gates }: RunResult): PlotlyFigure {
  const names = rowNames(models).map(plainLabel);
  const accuracies = models.map(({ evaluation }) => evaluation.classification.accuracy);
  const intervals = models.map(({ evaluation }) => evaluation.accuracyInterval);
  const baselines = models.map(({ evaluation }) => evaluation.baselines.best);
  const breakEven = models.flatMap(({ evaluation }, index) =>
    evaluation.breakEvenAccuracy === undefined ? [] : [{ name: names[index] ?? '', value: evaluation.breakEvenAccuracy }],
  );
  const tick = (symbol: string, colour: string) => ({ color: colour, size: 17, symbol, line: { width: 2.5 } });
  const ends = intervals.flatMap(({ low, high }) => [low, high]);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: 'baseline',
        x: baselines,
        y: names,
        marker: tick('line-ns-open', colours.baseline),
        hovertemplate: 'baseline %{x:.1%}<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'break-even',
        x: breakEven.map(({ value }) => value),
        y: breakEven.map(({ name }) => name),
        marker: tick('line-ns-open', colours.second),
        hovertemplate: 'breaks even at %{x:.1%}<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'accuracy, 95 % interval',
        x: accuracies,
        y: names,
        error_x: errorBars(accuracies, intervals, colours.model),
        marker: { color: colours.model, size: 11 },
        hovertemplate: 'accuracy %{x:.1%}<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'gate',
        x: [gates.accuracy, gates.accuracy],
        y: [0, 1],
        yaxis: 'y2',
        line: { color: colours.gate, width: 1.5, dash: 'dash' },
        hovertemplate: 'gate %{x:.1%}<extra></extra>',
      },
    ],
    layout: figureLayout(
      'Accuracy of every model',
      percentAxis('accuracy', shareRange([...ends, ...accuracies, ...baselines, ...breakEven.map(({ value }) => value), gates.accuracy])),
      { type: 'category', autorange: 'reversed', showgrid: false },
      {
        height: 130 + 44 * models.length,
        yaxis2: { overlaying: 'y', range: [0, 1], visible: false, fixedrange: true },
      },
    ),
  };
}
