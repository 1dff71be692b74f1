import type { Evaluation } from '../../evaluation/evaluation.js';
import { count, percent } from '../../number-text.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, figureLayout } from './style.js';

/** Confusion matrix: what the model said against what happened, each cell's windows and its share of what happened. */
export function confusionFigure(evaluation: Evaluation): PlotlyFigure {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = evaluation.classification;
  const said = ['said down', 'said up'];
  const happened = ['went up', 'went down'];
  const windows = [
    [falseNegatives, truePositives],
    [trueNegatives, falsePositives],
  ];
  const shares = windows.map((row) => row.map((cell) => cell / Math.max(1, row.reduce((sum, each) => sum + each, 0))));
  const annotations = happened.flatMap((y, row) =>
    said.map((x, column) => ({
      x,
      y,
      text: `<b>${count(windows[row]?.[column])}</b><br>${percent(shares[row]?.[column])}`,
      showarrow: false,
      font: { size: 14 },
    })),
  );
  return {
    data: [
      {
        type: 'heatmap',
        x: said,
        y: happened,
        z: shares,
        zmin: 0,
        zmax: 1,
        showscale: false,
        xgap: 3,
        ygap: 3,
        colorscale: [
          [0, 'rgba(61, 132, 214, 0.04)'],
          [1, 'rgba(61, 132, 214, 0.75)'],
        ],
        customdata: windows,
        hovertemplate: '%{y}, %{x}: %{customdata:,} windows<br>%{z:.1%} of those that %{y}<extra></extra>',
      },
    ],
    layout: figureLayout(
      'Confusion matrix',
      { side: 'top', showgrid: false, ticks: '' },
      { autorange: 'reversed', showgrid: false, ticks: '', tickangle: -90, tickfont: { color: colours.baseline } },
      { annotations, margin: { l: 40, r: 22, t: 34, b: 14 } },
    ),
  };
}
