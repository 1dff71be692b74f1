import type { Evaluation, TradeSimulation } from '../../evaluation/evaluation.js';
import type { PlotlyFigure, ScatterTrace } from './plotly-figure.js';
import { colours, figureLayout } from './style.js';

const startingBalance = 10_000;

/** Balance of the simulated trades after costs, in quote currency, for longs only and for both ways. */
export function equityFigure(evaluation: Evaluation): PlotlyFigure {
  const { from, to, trades } = evaluation;
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'start',
        x: [from, to],
        y: [startingBalance, startingBalance],
        line: { color: colours.baseline, width: 1.5, dash: 'dash' },
        hoverinfo: 'skip',
      },
      balance('long and short', trades.both, evaluation, colours.model),
      balance('long only', trades.original, evaluation, colours.second),
    ],
    layout: figureLayout(
      'Equity of the simulated trades',
      { type: 'date', title: { text: 'entry, UTC' }, nticks: 6 },
      { title: { text: 'balance, from 10,000' }, tickformat: ',.5~r' },
    ),
  };
}

/** Each balance holds from its trade's entry until the next one's. */
function balance(name: string, simulation: TradeSimulation, { from, to }: Evaluation, colour: string): ScatterTrace {
  const { time, balance: values } = simulation.equity;
  return {
    type: 'scatter',
    mode: 'lines',
    name: `${name} (${simulation.trades.toLocaleString('en-US')} trades)`,
    x: [from, ...time, to],
    y: [startingBalance, ...values, values.at(-1) ?? startingBalance],
    line: { color: colour, width: 1.8, shape: 'hv' },
    hovertemplate: '%{x|%Y-%m-%d %H:%M}<br>%{y:,.2f}<extra></extra>',
  };
}
