import { describe, expect, it } from 'vitest';
import { figureSvg } from '../../src/notebook/static-figure/figure-svg.js';
import { confusionFigure } from '../../src/report/figures/confusion.js';
import type { PlotlyFigure, PlotlyTrace } from '../../src/report/figures/plotly-figure.js';
import { figureLayout } from '../../src/report/figures/style.js';
import type { Evaluation } from '../../src/evaluation/evaluation.js';

const figure = (data: readonly PlotlyTrace[], x = {}, y = {}, more = {}): PlotlyFigure => ({ data, layout: figureLayout('A < B', x, y, more) });
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? '');
const line = (x: readonly (number | string)[], y: readonly number[], more = {}): PlotlyTrace => ({ type: 'scatter', mode: 'lines', name: 'a line', x, y, ...more });

/** Relative luminance (WCAG 2) of 8-bit red, green, blue. */
function luminance(channels: readonly number[]): number {
  const [red, green, blue] = channels.map((channel) => (channel <= 10 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('a figure as a static image', () => {
  it('is one element of SVG with title, legend and escaped labels', () => {
    const svg = figureSvg(figure([line([0, 1], [0, 1])]));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(texts(svg)).toEqual(expect.arrayContaining(['A &lt; B', 'a line']));
    expect(svg).not.toContain('NaN');
  });

  it('draws a line from corner to corner of its ranges', () => {
    const svg = figureSvg(figure([line([0, 1], [0, 1])], { range: [0, 1] }, { range: [0, 1] }));
    expect(svg).toContain('d="M76 290L686 62"');
  });

  it('labels shares in percent, numbers with thousands, dates as days in UTC', () => {
    const day = 86_400_000;
    expect(texts(figureSvg(figure([line([0, 1], [0, 1])], { tickformat: '.0%', range: [0, 1] })))).toEqual(expect.arrayContaining(['0 %', '40 %', '100 %']));
    expect(texts(figureSvg(figure([line([0, 1], [10_000, 12_000])])))).toContain('11,000');
    expect(texts(figureSvg(figure([line([Date.UTC(2025, 0, 6), Date.UTC(2025, 0, 6) + 4 * day], [1, 2])], { type: 'date', nticks: 6 })))).toContain('2025-01-07');
  });

  it('shows a dashed line as dashed in the legend, and a solid one as solid', () => {
    const svg = figureSvg(figure([line([0, 1], [0, 1], { line: { dash: 'dash' } }), line([0, 1], [1, 0])]));
    const swatches = [...svg.matchAll(/<line[^>]*stroke-width="3"[^>]*>/g)].map(([swatch]) => swatch.includes('stroke-dasharray'));
    expect(swatches).toEqual([true, false]);
  });

  it('keeps a balance until the next trade', () => {
    expect(figureSvg(figure([line([0, 1, 2], [0, 1, 1], { line: { shape: 'hv' } })]))).toMatch(/d="M[\d.]+ [\d.]+H[\d.]+V[\d.]+H/);
  });

  it('stacks a second axis under the first, bars growing from zero', () => {
    const bars: PlotlyTrace = { type: 'bar', name: 'windows', x: [0.25, 0.75], y: [10, 20], width: [0.5, 0.5], yaxis: 'y2', showlegend: false };
    const svg = figureSvg(figure([line([0, 1], [0, 1]), bars], { range: [0, 1], anchor: 'y2' }, { domain: [0.3, 1], range: [0, 1] }, { yaxis2: { domain: [0, 0.2], rangemode: 'tozero' } }));
    const rects = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((match) => match.slice(1).map(Number));
    expect(rects.length).toBe(2);
    const [[x1, y1, width, low], [, y2, , high]] = rects as [[number, number, number, number], [number, number, number, number]];
    expect([x1, width]).toEqual([76, 305]);
    expect(high).toBeCloseTo(2 * low, 1);
    expect(y1 + low).toBeCloseTo(290, 1);
    expect(y2 + high).toBeCloseTo(290, 1);
  });

  it('draws bars of error from point to end, in the direction they have', () => {
    const points: PlotlyTrace = { type: 'scatter', mode: 'markers', name: 'p', x: ['2025-01', '2025-02'], y: [0.5, 0.6], error_y: { type: 'data', symmetric: false, array: [0.1, 0], arrayminus: [0.1, 0] } };
    const svg = figureSvg(figure([points], { type: 'category' }, { range: [0, 1] }));
    expect(svg).toMatch(/<line x1="228\.5" y1="198\.8" x2="228\.5" y2="153\.2"/);
    expect(texts(svg)).toEqual(expect.arrayContaining(['2025-01', '2025-02']));
  });

  it('writes the counts into the cells of a confusion matrix', () => {
    const classification = { truePositives: 1234, falsePositives: 2, falseNegatives: 3, trueNegatives: 4 };
    const svg = figureSvg(confusionFigure({ classification } as unknown as Evaluation));
    expect(texts(svg)).toEqual(expect.arrayContaining(['1,234', '99.8 %', 'said up', 'went down']));
    expect(svg.match(/<rect/g)?.length).toBe(4);
    // Opaque cells, and text on each that reads (WCAG AA: 4.5) whatever the page behind.
    expect(svg).not.toContain('fill-opacity');
    const cells = [...svg.matchAll(/<rect[^>]*fill="rgb\((\d+),(\d+),(\d+)\)"/g)].map((match) => match.slice(1).map(Number));
    expect(cells).toHaveLength(4);
    const ink = /<text[^>]*fill="#(\w\w)(\w\w)(\w\w)"[^>]*>1,234</.exec(svg)!.slice(1).map((hex) => parseInt(hex, 16));
    for (const cell of cells) expect((luminance(cell) + 0.05) / (luminance(ink) + 0.05)).toBeGreaterThan(4.5);
  });

  it('with nothing in it is still an image', () => {
    expect(figureSvg(figure([line([], [])]))).not.toMatch(/NaN|Infinity|undefined/);
  });
});
