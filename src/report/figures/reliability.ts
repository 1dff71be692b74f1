import type { Evaluation } from '../../evaluation/evaluation.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, figureLayout, percentAxis } from './style.js';

/**
 * Reliability diagram: in each of the ten bins, the mean probability said against the share that went up; below it how
 * many windows are in the bin. On the diagonal the model means what it says.
 */
export function reliabilityFigure(evaluation: Evaluation): PlotlyFigure {
  const bins = evaluation.calibration.bins.filter(({ windows }) => windows > 0);
  const most = Math.max(1, ...bins.map(({ windows }) => windows));
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'perfect',
        x: [0, 1],
        y: [0, 1],
        line: { color: colours.baseline, width: 1.5, dash: 'dash' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'model',
        x: bins.map(({ meanProbability }) => meanProbability),
        y: bins.map(({ shareUp }) => shareUp),
        customdata: bins.map(({ windows }) => windows),
        line: { color: colours.model, width: 2 },
        marker: { color: colours.model, opacity: 1, line: { width: 0 }, size: bins.map(({ windows }) => 5 + 7 * Math.sqrt(windows / most)) },
        hovertemplate: 'said %{x:.1%}, went up %{y:.1%}<br>%{customdata:,} windows<extra></extra>',
      },
      {
        type: 'bar',
        name: 'windows',
        x: bins.map(({ low, high }) => (low + high) / 2),
        y: bins.map(({ windows }) => windows),
        width: bins.map(({ low, high }) => (high - low) * 0.9),
        yaxis: 'y2',
        showlegend: false,
        marker: { color: colours.model, opacity: 0.45 },
        hovertemplate: '%{y:,} windows<extra></extra>',
      },
    ],
    layout: figureLayout(
      'Reliability',
      { ...percentAxis('probability of "up" the model said', [0, 1]), anchor: 'y2' },
      { ...percentAxis('share that went up', [0, 1]), domain: [0.3, 1] },
      {
        yaxis2: {
          domain: [0, 0.2],
          title: { text: 'windows' },
          rangemode: 'tozero',
          nticks: 3,
          gridcolor: 'rgba(0,0,0,0)',
          zeroline: false,
          automargin: true,
        },
      },
    ),
  };
}
