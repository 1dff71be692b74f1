import { describe, expect, it } from 'vitest';
import { binomialMeanDeviation, calibrationNoiseFloor } from '../../src/evaluation/calibration-noise-floor.js';
import { calibrationError } from '../../src/evaluation/calibration.js';
import { debiasedCalibration } from '../../src/evaluation/debiased-calibration.js';
import { createRandom } from '../../src/random.js';
import { HORIZON, calibratedForecast, normals } from './simulated.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** 80 markets of 6,000 overlapping windows each, forecast by who knows the drift. */
function calibratedMarkets(): { probability: Float64Array; label: Uint8Array }[] {
  const normal = normals(createRandom(5));
  return Array.from({ length: 80 }, () => calibratedForecast(6000, 0.1, normal));
}

const debias = (probability: Float64Array, label: Uint8Array) =>
  debiasedCalibration(probability, label, { horizon: HORIZON, resamples: 400, random: createRandom(9) });

describe('a perfectly calibrated model', () => {
  const markets = calibratedMarkets();
  const tenBin = markets.map(({ probability, label }) => calibrationError(probability, label));

  it('shows a ten-bin error of 3 %, and the noise floor foretells it', () => {
    const floor = mean(markets.map(({ probability, label }) => calibrationNoiseFloor(probability, label, HORIZON)));
    expect(mean(tenBin)).toBeGreaterThan(0.025);
    expect(floor / mean(tenBin)).toBeGreaterThan(0.9);
    expect(floor / mean(tenBin)).toBeLessThan(1.1);
  });

  it('would be promised a third of that if its windows counted as independent', () => {
    const floor = mean(markets.map(({ probability, label }) => calibrationNoiseFloor(probability, label, 1)));
    expect(floor / mean(tenBin)).toBeLessThan(0.5);
  });

  it('has no debiased error to speak of, and an interval that reaches 0 in 95 of 100 cases', () => {
    const debiased = markets.map(({ probability, label }) => debias(probability, label));
    expect(debiased.filter(({ value }) => value === 0).length).toBeGreaterThan(20);
    // The estimate of the square is centred on 0: half of the roots are 0.
    expect(mean(debiased.map(({ value }) => value))).toBeLessThan(mean(tenBin));
    expect(debiased.filter(({ interval }) => interval.low === 0).length).toBeGreaterThanOrEqual(72);
    expect(debiased.every(({ interval }) => interval.high > 0.01 && interval.high < 0.15)).toBe(true);
  });
});

describe('an overconfident model', () => {
  it('shows its error, inside the interval in about 95 of 100 cases', () => {
    let covered = 0;
    const values: number[] = [];
    const truths: number[] = [];
    for (const { probability, label } of calibratedMarkets()) {
      const claimed = probability.map((p) => 1 / (1 + ((1 - p) / p) ** 2));
      const truth = Math.sqrt(mean([...claimed].map((p, window) => (p - probability[window]) ** 2)));
      const { value, interval } = debias(claimed, label);
      values.push(value);
      truths.push(truth);
      if (interval.low <= truth && truth <= interval.high) covered += 1;
    }
    expect(mean(truths)).toBeGreaterThan(0.08);
    expect(mean(values) / mean(truths)).toBeGreaterThan(0.93);
    expect(mean(values) / mean(truths)).toBeLessThan(1.07);
    expect(covered).toBeGreaterThanOrEqual(72);
  });
});

describe('debiasedCalibration at the edges', () => {
  it('takes one window, one probability and ties without claiming to know', () => {
    expect(debias(Float64Array.of(0.7), Uint8Array.of(1))).toEqual({ value: expect.closeTo(0.3, 12) as number, interval: { low: 0, high: 1 } });
    const constant = debias(new Float64Array(3000).fill(0.5), Uint8Array.from({ length: 3000 }, (_, window) => window % 2));
    expect(constant.value).toBe(0);
    expect(constant.interval.low).toBe(0);
  });

  it('sees a model that is certain and always wrong', () => {
    const { value, interval } = debias(new Float64Array(2000).fill(1), new Uint8Array(2000));
    expect(value).toBeCloseTo(1, 9);
    expect(interval.high).toBeLessThanOrEqual(1);
    expect(interval.low).toBeGreaterThan(0.9);
  });
});

describe('binomialMeanDeviation', () => {
  it('is the sum over all outcomes of |x - mq|', () => {
    for (const [m, q] of [[1, 0.3], [7, 0.5], [20, 0.05], [60, 0.77]] as const) {
      let expected = 0;
      let probability = (1 - q) ** m;
      for (let x = 0; x <= m; x += 1) {
        expected += probability * Math.abs(x - m * q);
        probability *= ((m - x) / (x + 1)) * (q / (1 - q));
      }
      expect(binomialMeanDeviation(m, q)).toBeCloseTo(expected, 10);
    }
  });

  it('is that of the normal distribution for many trials, and 0 without chance', () => {
    expect(binomialMeanDeviation(1e6, 0.5) / Math.sqrt((2 / Math.PI) * 1e6 * 0.25)).toBeCloseTo(1, 5);
    expect(binomialMeanDeviation(10, 0)).toBe(0);
    expect(binomialMeanDeviation(10, 1)).toBe(0);
  });
});
