import { describe, expect, it } from 'vitest';
import { figureSvg } from '../../../src/notebook/static-figure/figure-svg.js';
import { differencesOf, judgement, shortNames } from '../../../src/report/comparison/comparison.js';
import { comparisonCsv } from '../../../src/report/comparison/csv.js';
import { comparisonHtml } from '../../../src/report/comparison/page.js';
import { costRows, gainLines, sizeText, skillRows } from '../../../src/report/comparison/tables.js';
import { renderComparison } from '../../../src/report/comparison/terminal.js';
import { comparedCoverageFigure, comparedReliabilityFigure, costCurveFigure, differenceFigure, speedFigure } from '../../../src/report/figures/compared-models.js';
import { aComparison } from '../../support/comparison.js';

const comparison = aComparison();
const [of] = comparison.symbols;

describe('short names', () => {
  it.each([
    [['lstm_ETH-SIM_1m_demo.pt', 'tcn_ETH_SIM_1m_3f1b22aa.safetensors'], ['v2-50', 'v2-50'], ['lstm', 'tcn']],
    [['tcn_ETH_SIM_1m_a1.pt', 'tcn_ETH_SIM_1m_b2.pt', 'logistic_ETH_SIM_1m_c3.onnx'], ['v2-50', 'v3-52', 'v2-50'], ['tcn v2-50', 'tcn v3-52', 'logistic']],
    [['tcn_ETH_SIM_1m_a1.pt', 'tcn_ETH_SIM_1m_b2.pt'], ['v2-50', 'v2-50'], ['tcn a1', 'tcn b2']],
    [['tcn_ETH-SIM_a.pt', 'tcn_ETH-SIM_a.onnx', 'tcn_ETH-SIM_a.onnx'], ['v2-50', 'v2-50', 'v2-50'], ['tcn_ETH-SIM_a.pt', 'tcn_ETH-SIM_a.onnx', 'tcn_ETH-SIM_a.onnx (2)']],
  ])('of %j are no two alike', (files, sets, names) => expect(shortNames(files.map((model, index) => ({ model, featureSet: sets[index] })))).toEqual(names));
});

it('a difference is judged by its interval', () => {
  const judged = (low: number, high: number) => judgement({ difference: (low + high) / 2, interval: { low, high }, blockLength: 30 });
  expect([judged(-0.2, -0.1), judged(-0.1, 0.1), judged(0.1, 0.2), judgement({ difference: 1, blockLength: 30 })]).toEqual(['better', 'not told apart', 'worse', '-']);
});

describe('the tables', () => {
  it('hold every model, the reference first', () => {
    expect(skillRows(of).map(({ model, judged }) => [model, judged])).toEqual([['logistic', 'reference'], ['lstm (SEEN, ASSUMED)', 'better']]);
    expect(skillRows(of)[1]['less that of logistic']).toMatch(/^-0\.\d{4} \[-0\.\d{4}, -0\.\d{4}\]$/);
  });

  it('show some of the costs, the first and the last among them', () => {
    const heads = (rows: readonly object[]) => Object.keys(rows[0]).filter((name) => name.startsWith('net'));
    expect(heads(costRows(of, comparison))).toEqual(['net at 0 bps', 'net at 5 bps', 'net at 20 bps', 'net at 30 bps']);
    expect(heads(costRows(of, comparison, [10]))).toEqual(['net at 10 bps']);
    expect(costRows(of, comparison)[1]).toMatchObject({ model: 'lstm', size: '4.0 MB', 'windows/s': '250' });
  });

  it('as text of a terminal have their columns one below the other', () => {
    const lines = renderComparison(comparison).split('\n');
    expect(lines[0]).toBe('AAA-USD: 3,000 windows that all models have; 12 that only some have were left out');
    const [head, first, second] = lines.slice(1, 4);
    for (const column of ['accuracy', 'Brier']) expect([first, second].map((line) => line[head.indexOf(column) + column.length - 1])).not.toContain(' ');
  });

  it('tell of what one more feature is worth', () => {
    expect(gainLines([{ name: 'tcn mine', base: 'tcn v2-50', difference: -0.01, interval: { low: -0.02, high: 0.001 }, blockLength: 60 }])).toEqual(['tcn mine against tcn v2-50: log loss -0.0100 [-0.0200, 0.0010], not told apart']);
  });

  it.each([[999, '999 B'], [3644, '3.6 KB'], [44_326, '44 KB'], [4_041_225, '4.0 MB'], [123_456_789, '123 MB']])('%i bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

it('compare.csv holds a row a model, and an empty field where nothing was computed', () => {
  const [head, ...rows] = comparisonCsv(comparison).trim().split('\n').map((line) => line.split(','));
  const field = (row: number, name: string) => rows[row][head.indexOf(name)];
  expect(rows.map((row) => row.length)).toEqual([head.length, head.length]);
  expect([field(0, 'log_loss_difference'), field(0, 'judgement'), field(1, 'judgement')]).toEqual(['', 'reference', 'better']);
  expect(Number(field(1, 'log_loss_difference'))).toBe(of.models[1].against?.difference);
  expect(head.slice(-5)).toEqual([0, 5, 10, 20, 30].map((cost) => `net_return_${cost}bps`));
  expect(Number(field(1, 'net_return_30bps'))).toBe(of.models[1].netReturns[4]);
});

describe('the figures', () => {
  const { models } = of;
  const named = (figure: ReturnType<typeof speedFigure>, name: string) => figure.data.find((trace) => 'name' in trace && trace.name === name);

  it('lay the curves of all models one over the other', () => {
    for (const [index, { name, evaluation, netReturns }] of models.entries()) {
      expect(named(comparedReliabilityFigure(models), name)).toMatchObject({ y: evaluation.calibration.bins.filter(({ windows }) => windows > 0).map(({ shareUp }) => shareUp) });
      expect((named(comparedCoverageFigure(models), name)?.y as number[]).at(-1)).toBe(evaluation.classification.accuracy);
      expect(named(costCurveFigure(models, comparison.costsBps), name)).toMatchObject({ x: comparison.costsBps, y: netReturns });
      expect(named(speedFigure(models), name)).toMatchObject({ type: 'bar', x: [name], y: [models[index].windowsPerSecond] });
    }
    const colours = costCurveFigure(models, comparison.costsBps).data.map((trace) => (trace as { line?: { color: string } }).line?.color);
    expect(new Set(colours).size).toBe(models.length + 1);
  });

  it('show differences with their intervals, and 0', () => {
    const { data, layout } = differenceFigure(differencesOf(models), of.reference);
    const { against } = models[1];
    expect(data[1]).toMatchObject({ x: [against?.difference], y: ['lstm'], error_x: { array: [expect.closeTo((against?.interval?.high ?? 0) - (against?.difference ?? 0), 12) as number] } });
    expect(layout.xaxis.range?.[1]).toBeGreaterThan(0);
  });

  it('draw speeds on powers of ten, without a network too', () => {
    const svg = figureSvg(speedFigure(models));
    for (const tick of ['100', '1,000', '10,000']) expect(svg).toContain(`>${tick}<`);
    const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height));
    // 250 and 50,000 windows/s: 2.3 powers of ten apart.
    const [, low] = [...svg.matchAll(/<line x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)" y2="\1"/g)].map(([, y]) => Number(y));
    const [first] = [...svg.matchAll(/<line x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)" y2="\1"/g)].map(([, y]) => Number(y));
    expect((heights[0] - heights[1]) / Math.abs(first - low)).toBeCloseTo(Math.log10(200), 1);
  });

  it('leave room for long names', () => {
    const svg = figureSvg(differenceFigure([{ name: 'logistic v1-31-steady-2', difference: 0.1, blockLength: 30 }], 'others'));
    const x = Number(/<text x="([\d.]+)"[^>]*>logistic v1-31-steady-2</.exec(svg)?.[1]);
    expect(x).toBeGreaterThan('logistic v1-31-steady-2'.length * 6);
  });
});

it('compare.html needs nothing else, and holds tables and figures of every symbol', () => {
  const page = comparisonHtml(comparison, '/* plotly */');
  expect(page).toContain('default-src &#39;none&#39;');
  expect(page.match(/class="plot"/g)).toHaveLength(5);
  expect(page).toContain('lstm: its file says it was trained on later rows &lt;b&gt;');
  expect(page).not.toMatch(/src="http|href="http/);
});
