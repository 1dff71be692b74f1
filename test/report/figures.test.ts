import { describe, expect, it } from 'vitest';
import { accuracyByMonthFigure } from '../../src/report/figures/accuracy-by-month.js';
import { accuracyOverviewFigure } from '../../src/report/figures/accuracy-overview.js';
import { confusionFigure } from '../../src/report/figures/confusion.js';
import { coverageFigure } from '../../src/report/figures/coverage.js';
import { equityFigure } from '../../src/report/figures/equity.js';
import type { PlotlyFigure } from '../../src/report/figures/plotly-figure.js';
import { reliabilityFigure } from '../../src/report/figures/reliability.js';
import { aBareModel, aLeakyModel, aModel, anEvaluation, aRun } from '../support/run-result.js';

const evaluation = anEvaluation();
const bare = aBareModel().evaluation;
const trace = (figure: PlotlyFigure, name: string) => figure.data.find((each) => 'name' in each && String(each.name).startsWith(name));

describe('reliabilityFigure', () => {
  it('sets the share that went up against the probability said, with the windows of each bin', () => {
    const figure = reliabilityFigure(evaluation);
    const { bins } = evaluation.calibration;
    expect(trace(figure, 'model')).toMatchObject({ x: bins.map((bin) => bin.meanProbability), y: bins.map((bin) => bin.shareUp) });
    expect(trace(figure, 'windows')).toMatchObject({ type: 'bar', x: [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95].map((x) => expect.closeTo(x, 12) as number), y: bins.map((bin) => bin.windows) });
  });

  it('draws no point for an empty bin', () => {
    const empty = { low: 0, high: 0.1, windows: 0, meanProbability: NaN, shareUp: NaN };
    const figure = reliabilityFigure({ ...evaluation, calibration: { ...evaluation.calibration, bins: [empty, ...evaluation.calibration.bins.slice(1)] } });
    expect(trace(figure, 'model')?.x).toHaveLength(9);
  });
});

describe('coverageFigure', () => {
  it('shows the curve between the gate and the best baseline', () => {
    const figure = coverageFigure(evaluation, 0.68);
    expect(trace(figure, 'accuracy')?.x).toEqual(evaluation.coverage.map((point) => point.coverage));
    expect(trace(figure, 'gate')).toMatchObject({ x: [0, 1], y: [0.68, 0.68] });
    expect(trace(figure, 'baseline')).toMatchObject({ y: [0.588, 0.588] });
  });

  it('cuts nothing off', () => {
    for (const each of [evaluation, bare]) {
      const [low, high] = coverageFigure(each, 0.68).layout.yaxis.range ?? [NaN, NaN];
      for (const shown of [0.68, each.baselines.best, ...each.coverage.map(({ accuracy }) => accuracy)]) {
        expect(shown).toBeGreaterThanOrEqual(low);
        expect(shown).toBeLessThanOrEqual(high);
      }
    }
  });
});

describe('equityFigure', () => {
  it('starts each balance at 10,000 and holds the last one to the end', () => {
    const both = trace(equityFigure(evaluation), 'long and short');
    const { balance } = evaluation.trades.both.equity;
    expect(both?.y).toEqual([10_000, ...balance, balance.at(-1)]);
    expect(both?.x).toHaveLength(balance.length + 2);
    expect([both?.x[0], both?.x.at(-1)]).toEqual([evaluation.from, evaluation.to]);
  });

  it('is a level line where nothing was traded', () => {
    expect(trace(equityFigure(bare), 'long only')).toMatchObject({ name: 'long only (0 trades)', y: [10_000, 10_000] });
  });
});

describe('confusionFigure', () => {
  it('shows each count and its share of what happened', () => {
    const { truePositives, falseNegatives, falsePositives, trueNegatives } = evaluation.classification;
    const figure = confusionFigure(evaluation);
    expect(figure.data[0]).toMatchObject({
      x: ['said down', 'said up'],
      y: ['went up', 'went down'],
      z: [
        [falseNegatives / (falseNegatives + truePositives), truePositives / (falseNegatives + truePositives)],
        [trueNegatives / (trueNegatives + falsePositives), falsePositives / (trueNegatives + falsePositives)],
      ],
    });
    expect(figure.layout.annotations?.map(({ x, y, text }) => [x, y, text])).toContainEqual(['said up', 'went up', '<b>2,367</b><br>72.8 %']);
  });

  it('divides nothing by zero where nothing went down', () => {
    const classification = { ...evaluation.classification, falsePositives: 0, trueNegatives: 0 };
    expect(confusionFigure({ ...evaluation, classification }).data[0]).toMatchObject({ z: [expect.anything(), [0, 0]] });
  });
});

describe('accuracyByMonthFigure', () => {
  it('shows every month with its interval, and none where there is none', () => {
    const months = [...evaluation.byMonth, { name: '2025-07', windows: 3, accuracy: 0.5, baseRate: 0.3, calibrationError: 0.1 }];
    const figure = accuracyByMonthFigure({ ...evaluation, byMonth: months }, 0.68);
    expect(trace(figure, 'accuracy')).toMatchObject({
      x: ['2025-05', '2025-06', '2025-07'],
      error_y: { array: [0.043, 0.043, 0].map((x) => expect.closeTo(x, 12) as number), arrayminus: [0.045, 0.045, 0].map((x) => expect.closeTo(x, 12) as number) },
    });
    expect(trace(figure, 'majority')?.y[2]).toBe(0.7);
  });
});

describe('accuracyOverviewFigure', () => {
  it('has a row a model, and no break-even where there is none', () => {
    const figure = accuracyOverviewFigure(aRun({ models: [aModel(), aBareModel(), aLeakyModel()] }));
    expect(trace(figure, 'accuracy')).toMatchObject({ y: ['ETH-SIM', 'XRP-USD', 'BTC-USD'], x: [0.728, 0.5, 0.728] });
    expect(trace(figure, 'break-even')).toMatchObject({ y: ['ETH-SIM', 'BTC-USD'] });
  });

  it('shows a name as text, not as the tags plotly reads', () => {
    const figure = accuracyOverviewFigure(aRun({ models: [aModel({ symbol: '<a href="javascript:x">&' })] }));
    expect(trace(figure, 'accuracy')?.y).toEqual(['&lt;a href="javascript:x"&gt;&amp;']);
  });
});

describe('every figure', () => {
  it('is plain data: it survives JSON, without a number that is not finite', () => {
    for (const each of [evaluation, bare]) {
      const figures = [reliabilityFigure(each), coverageFigure(each, 0.68), equityFigure(each), confusionFigure(each), accuracyByMonthFigure(each, 0.68)];
      for (const figure of figures) expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
    }
  });
});
