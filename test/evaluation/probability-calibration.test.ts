import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ensembleProbability, V3_WEIGHTS } from '../../src/evaluation/ensemble.js';
import { applyIsotonic, fitIsotonic } from '../../src/evaluation/isotonic-regression.js';
import { applyPlatt, fitPlatt } from '../../src/evaluation/platt-scaling.js';
import { fixtures } from '../support/requirements.js';

interface Calibration {
  readonly logits: readonly number[];
  readonly up: readonly number[];
  readonly grid: readonly number[];
  readonly platt: readonly number[];
  readonly isotonic: readonly number[];
}
const { calibration } = JSON.parse(readFileSync(join(fixtures, 'training/expected.json'), 'utf8')) as { readonly calibration: Calibration };
const { logits, up, grid } = calibration;

describe('calibration', () => {
  it("by Platt's sigmoid is scikit-learn's", () => {
    applyPlatt(fitPlatt(logits, up), grid).forEach((probability, index) => expect(probability).toBeCloseTo(calibration.platt[index], 5));
  });

  it("by isotonic regression is scikit-learn's, with scores that are equal and scores beyond what was fitted", () => {
    applyIsotonic(fitIsotonic(logits, up), grid).forEach((probability, index) => expect(probability).toBeCloseTo(calibration.isotonic[index], 12));
  });

  it('by isotonic regression rises, keeps the mean, and is never further from the labels than another rising curve', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 40 }), (windows) => {
      const scores = windows.map(([score]) => score);
      const labels = windows.map(([, label]) => label);
      const fitted = applyIsotonic(fitIsotonic(scores, labels), scores);
      const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
      order.slice(1).forEach((index, before) => expect(fitted[index]).toBeGreaterThanOrEqual(fitted[order[before]]));
      const squares = (of: (index: number) => number): number => labels.reduce((sum, label, index) => sum + (label - of(index)) ** 2, 0);
      expect(fitted.reduce((sum, value) => sum + value, 0)).toBeCloseTo(labels.reduce((sum, value) => sum + value, 0), 9);
      for (const threshold of [-2, 0, 3]) expect(squares((index) => fitted[index])).toBeLessThanOrEqual(squares((index) => Number(scores[index] > threshold)) + 1e-9);
    }));
  });

  it('has a finite fit of data that a threshold separates, and of one class', () => {
    const { slope, intercept } = fitPlatt([-2, -1, 1, 2], [0, 0, 1, 1]);
    expect(slope).toBeLessThan(-0.5);
    expect(Number.isFinite(intercept)).toBe(true);
    const [ones] = applyPlatt(fitPlatt([-2, -1, 1, 2], [1, 1, 1, 1]), [0]);
    expect(ones).toBeCloseTo(5 / 6, 6);
    expect(() => fitPlatt([], [])).toThrow(expect.objectContaining({ code: 'nothing-to-calibrate' }) as Error);
  });
});

describe('the ensemble', () => {
  const lstm = { name: 'lstm', weight: V3_WEIGHTS.lstm, probability: [0.6, 0.8, NaN] };
  const transformer = { name: 'transformer', weight: V3_WEIGHTS.transformer, probability: [0.4, NaN, NaN] };

  it('is the weighted mean of those that are there', () => {
    const [both, first, none] = ensembleProbability([lstm, transformer]);
    expect(both).toBeCloseTo((0.35 * 0.6 + 0.4 * 0.4) / 0.75, 12);
    expect(first).toBeCloseTo(0.8, 12);
    expect(none).toBeNaN();
    const [alone] = ensembleProbability([lstm, { ...transformer, probability: undefined }]);
    expect(alone).toBeCloseTo(0.6, 12);
  });

  it('draws towards a coin by its conservative bias', () => {
    const [up, down] = ensembleProbability([{ ...lstm, probability: [0.9, 0.2] }], 0.25);
    expect(up).toBeCloseTo(0.8, 12);
    expect(down).toBeCloseTo(0.275, 12);
  });

  it('refuses what is no ensemble', () => {
    const refused = expect.objectContaining({ code: 'bad-ensemble' }) as Error;
    expect(() => ensembleProbability([{ name: 'lstm', weight: 1 }])).toThrow(refused);
    expect(() => ensembleProbability([{ ...lstm, weight: 0 }])).toThrow(refused);
    expect(() => ensembleProbability([lstm, { ...transformer, probability: [0.5] }])).toThrow(refused);
    expect(() => ensembleProbability([lstm], 1.5)).toThrow(refused);
  });
});
