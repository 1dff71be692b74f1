import { describe, expect, it } from 'vitest';
import { deflatedSharpe, expectedMaximumSharpe, probabilisticSharpe } from '../../src/evaluation/deflated-sharpe.js';
import { normalCdf, normalQuantile } from '../../src/evaluation/normal-distribution.js';

describe('the deflated Sharpe ratio', () => {
  // Bailey and López de Prado 2014, "A numerical example": annual ratio 2.5 over five years of 250 days, variance 1/2 a year.
  const sample = { sharpe: 2.5 / Math.sqrt(250), returns: 1250, skewness: -3, kurtosis: 10 };
  const trials = { trials: 100, variance: 1 / 2 / 250 };

  it("is the paper's in its example: 100 tries, 0.1132 expected of luck, 90 % sure", () => {
    expect(expectedMaximumSharpe(trials)).toBeCloseTo(0.1132, 4);
    expect(deflatedSharpe(sample, trials)).toBeCloseTo(0.9004, 4);
  });

  it('reaches 95 % had there been 46 tries, or 88 of normal returns', () => {
    expect(deflatedSharpe(sample, { ...trials, trials: 46 })).toBeCloseTo(0.9505, 4);
    expect(deflatedSharpe({ ...sample, skewness: 0, kurtosis: 3 }, { ...trials, trials: 88 })).toBeCloseTo(0.9505, 4);
  });

  it('is the probabilistic ratio against 0 of a single try', () => {
    expect(deflatedSharpe(sample, { ...trials, trials: 1 })).toBe(probabilisticSharpe(sample, 0));
  });
});

describe('the normal distribution', () => {
  it('has the values of scipy.stats.norm', () => {
    for (const [x, probability] of [[-8, 6.22096057427178e-16], [-3.5, 0.00023262907903552502], [-1, 0.15865525393145707], [0, 0.5], [1.959963984540054, 0.975], [3.2, 0.9993128620620841]] as const) {
      expect(normalCdf(x) / probability).toBeCloseTo(1, 11);
      expect(normalQuantile(probability)).toBeCloseTo(x, 9);
    }
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(2)]).toEqual([-Infinity, Infinity, NaN]);
  });
});
