import type { EpochRecord } from '../../training/training-result.js';
import type { PlotlyFigure } from './plotly-figure.js';
import { colours, figureLayout, level } from './style.js';

/** Log loss of a coin toss, nats. */
const COIN_TOSS = Math.log(2);

/** Log loss by epoch on the training and the validation rows, with the epoch that was kept and what a coin toss has. */
export function trainingCurvesFigure(name: string, curve: readonly EpochRecord[], best: EpochRecord): PlotlyFigure {
  const epochs = curve.map(({ epoch }) => epoch);
  return {
    data: [
      { type: 'scatter', mode: 'lines+markers', name: 'training', x: epochs, y: curve.map(({ trainingLoss }) => trainingLoss), line: { color: colours.second, width: 2 }, hovertemplate: 'epoch %{x}: %{y:.4f}<extra>training</extra>' },
      { type: 'scatter', mode: 'lines+markers', name: 'validation', x: epochs, y: curve.map(({ validationLoss }) => validationLoss), line: { color: colours.model, width: 2 }, hovertemplate: 'epoch %{x}: %{y:.4f}<extra>validation</extra>' },
      { type: 'scatter', mode: 'markers', name: 'kept', x: [best.epoch], y: [best.validationLoss], marker: { color: colours.good, size: 12 }, hovertemplate: 'kept: epoch %{x}, %{y:.4f}<extra></extra>' },
      { ...level('coin toss', COIN_TOSS, [epochs[0], epochs[epochs.length - 1]], colours.baseline), hovertemplate: 'coin toss: %{y:.4f}<extra></extra>' },
    ],
    layout: figureLayout(`Training of ${name}`, { title: { text: 'epoch' }, tickformat: 'd' }, { title: { text: 'log loss, nats' } }),
  };
}
