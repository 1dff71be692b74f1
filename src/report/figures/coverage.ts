import type { Evaluation } from '../../evaluation/evaluation.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, figureLayout, level, percentAxis, shareRange } from './style.js';

/** Accuracy among the most confident share of the windows, beside the gate and the best baseline. `accuracyGate` is a share. */
export function coverageFigure(evaluation: Evaluation, accuracyGate: number): PlotlyFigure {
  const { coverage, baselines } = evaluation;
  const ends = [0, 1] as const;
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'accuracy',
        x: coverage.map((point) => point.coverage),
        y: coverage.map((point) => point.accuracy),
        customdata: coverage.map(({ confidence, windows }) => [confidence, windows]),
        line: { color: colours.model, width: 2 },
        marker: { color: colours.model, size: coverage.length > 40 ? 2 : 5 },
        hovertemplate:
          '%{y:.1%} right among the most confident %{x:.1%}<br>confidence %{customdata[0]:.3f} or more, %{customdata[1]:,} windows<extra></extra>',
      },
      level('gate', accuracyGate, ends, colours.gate),
      level('baseline', baselines.best, ends, colours.baseline),
    ],
    layout: figureLayout(
      'Accuracy against coverage',
      percentAxis('share kept, most confident first', [0, 1]),
      percentAxis('accuracy among them', shareRange([...coverage.map(({ accuracy }) => accuracy), accuracyGate, baselines.best])),
    ),
  };
}
