import { describe, expect, it } from 'vitest';
import { bootstrapMean } from '../../src/evaluation/bootstrap.js';
import { classify } from '../../src/evaluation/classification.js';
import { pairedLogLoss } from '../../src/evaluation/paired-log-loss.js';
import { createRandom } from '../../src/random.js';
import { HORIZON, normals, scoredMarket } from './simulated.js';

describe('bootstrapMean', () => {
  it('covers the true mean in 90 to 98 of 100 dependent series, where believing in independence misses more often than not', () => {
    const random = createRandom(5);
    const normal = normals(random);
    const TRIALS = 300;
    let [covered, believed] = [0, 0];
    for (let trial = 0; trial < TRIALS; trial++) {
      let latent = normal();
      const values = Float64Array.from({ length: 4000 }, () => (latent = 0.9 * latent + Math.sqrt(1 - 0.81) * normal()));
      const { mean, interval } = bootstrapMean(values, { horizon: HORIZON, resamples: 200, random });
      if (interval !== undefined && interval.low <= 0 && interval.high >= 0) covered++;
      if (Math.abs(mean) < 1.96 / Math.sqrt(values.length)) believed++;
    }
    expect(covered / TRIALS).toBeGreaterThanOrEqual(0.9);
    expect(covered / TRIALS).toBeLessThanOrEqual(0.98);
    expect(believed / TRIALS).toBeLessThan(0.5);
  });

  it('gives no interval where there are fewer than ten blocks', () => {
    expect(bootstrapMean(Float64Array.from({ length: 200 }, (_, index) => index % 7), { horizon: 30, resamples: 100, random: createRandom(1) })).not.toHaveProperty('interval');
  });
});

describe('pairedLogLoss', () => {
  const market = scoredMarket(4000, 0.3, 1);
  const sharper = { ...market, probability: market.probability.map((p, index) => Math.min(0.99, Math.max(0.01, p + 0.05 * (market.label[index] - 0.5)))) };

  it('is the difference of the two log losses', () => {
    const { difference } = pairedLogLoss(sharper, market);
    expect(difference).toBeCloseTo(classify(sharper.probability, market.label).logLoss - classify(market.probability, market.label).logLoss, 12);
    expect(pairedLogLoss(market, sharper).difference).toBeCloseTo(-difference, 12);
  });

  it('tells a small improvement apart that the accuracies do not show', () => {
    expect(pairedLogLoss(sharper, market).interval?.high).toBeLessThan(0);
    expect(pairedLogLoss(market, market)).toMatchObject({ difference: 0, interval: { low: 0, high: 0 } });
  });

  it('refuses models of other windows', () => {
    const later = { ...market, time: market.time.map((time) => time + 60_000) };
    expect(() => pairedLogLoss(later, market)).toThrow(expect.objectContaining({ code: 'windows-differ' }));
  });
});
