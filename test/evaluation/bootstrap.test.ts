import { describe, expect, it } from 'vitest';
import { bootstrapAccuracy, bootstrapPooledAccuracy, quantile } from '../../src/evaluation/bootstrap.js';
import { blockVarianceOfSum, chooseBlockLength, studentWidening, wilsonInterval } from '../../src/evaluation/dependence.js';
import type { Interval } from '../../src/evaluation/evaluation.js';
import { createRandom } from '../../src/random.js';
import { HORIZON, dependentCorrectness, normals } from './simulated.js';

const TRUE_ACCURACY = 0.6;
const TRIALS = 400;
const covers = ({ low, high }: Interval): boolean => low <= TRUE_ACCURACY && TRUE_ACCURACY <= high;
const share = (correct: Uint8Array): number => correct.reduce((sum, value) => sum + value, 0) / correct.length;

describe('bootstrapAccuracy', () => {
  it.each([
    [2000, 0.9],
    [6000, 0.95],
    [6000, 0],
  ])('covers the truth in 90 to 98 of 100 series of %i windows with autocorrelation %f', (windows, autocorrelation) => {
    const random = createRandom(17);
    const normal = normals(random);
    const series = Array.from({ length: TRIALS }, () => dependentCorrectness(windows, autocorrelation, normal));
    const covered = series.filter((correct) => covers(bootstrapAccuracy(correct, { horizon: HORIZON, resamples: 200, random }).interval)).length;
    expect(covered / TRIALS).toBeGreaterThanOrEqual(0.9);
    expect(covered / TRIALS).toBeLessThanOrEqual(0.98);
    // The interval that believes windows are independent misses more often than not, unless they are.
    const believed = series.filter((correct) => covers(wilsonInterval(share(correct), windows))).length;
    if (autocorrelation > 0) expect(believed / TRIALS).toBeLessThan(0.5);
    else expect(believed / TRIALS).toBeGreaterThan(0.9);
  });

  it('counts a window repeated 15 times about once', () => {
    const random = createRandom(3);
    const answers = Uint8Array.from({ length: 2000 }, () => (random() < 0.6 ? 1 : 0));
    const repeated = Uint8Array.from({ length: 30_000 }, (_, window) => answers[Math.floor(window / 15)]);
    const { effectiveSamples, blockLength } = bootstrapAccuracy(repeated, { horizon: HORIZON, resamples: 200, random });
    expect(blockLength).toBeGreaterThanOrEqual(2 * HORIZON);
    expect(effectiveSamples / 2000).toBeGreaterThan(0.8);
    expect(effectiveSamples / 2000).toBeLessThan(1.25);
  });

  it('is as wide as its effective samples say', () => {
    const correct = dependentCorrectness(20_000, 0.95, normals(createRandom(8)));
    const { interval, effectiveSamples } = bootstrapAccuracy(correct, { horizon: HORIZON, resamples: 2000, random: createRandom(1) });
    const accuracy = share(correct);
    const expected = 2 * 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / effectiveSamples);
    expect((interval.high - interval.low) / expected).toBeGreaterThan(0.93);
    expect((interval.high - interval.low) / expected).toBeLessThan(1.1);
  });

  it('never claims more samples than windows, even where neighbours alternate', () => {
    const alternating = Uint8Array.from({ length: 5000 }, (_, window) => window % 2);
    expect(bootstrapAccuracy(alternating, { horizon: HORIZON, resamples: 200, random: createRandom(1) }).effectiveSamples).toBe(5000);
  });

  it('gives the same figures for the same seed and others for another', () => {
    const correct = dependentCorrectness(3000, 0.9, normals(createRandom(2)));
    const once = (seed: number) => bootstrapAccuracy(correct, { horizon: HORIZON, resamples: 200, random: createRandom(seed) });
    expect(once(1)).toEqual(once(1));
    expect(once(1).interval).not.toEqual(once(2).interval);
  });

  it('stays unsure where every decision was right, or there are few windows', () => {
    const perfect = bootstrapAccuracy(new Uint8Array(600).fill(1), { horizon: HORIZON, resamples: 200, random: createRandom(1) });
    expect(perfect.interval.high).toBe(1);
    expect(perfect.interval.low).toBeLessThan(0.9);
    expect(perfect.effectiveSamples).toBe(20);
    const one = bootstrapAccuracy(Uint8Array.of(0), { horizon: HORIZON, resamples: 200, random: createRandom(1) });
    expect(one).toMatchObject({ effectiveSamples: 1, blockLength: 1 });
    expect(one.interval.low).toBe(0);
    expect(one.interval.high).toBeGreaterThan(0.7);
  });
});

describe('bootstrapPooledAccuracy', () => {
  const timed = (correct: Uint8Array, firstMinute: number) => ({ correct, time: Float64Array.from(correct, (_, window) => (firstMinute + window) * 60_000) });
  const options = () => ({ horizon: HORIZON, resamples: 400, random: createRandom(4) });

  it('learns nothing from the same coin three times', () => {
    const coin = timed(dependentCorrectness(8000, 0.9, normals(createRandom(6))), 0);
    const alone = bootstrapAccuracy(coin.correct, options());
    const thrice = bootstrapPooledAccuracy([coin, coin, coin], options());
    expect(thrice.effectiveSamples).toBeCloseTo(alone.effectiveSamples, 6);
    expect(thrice.interval.high - thrice.interval.low).toBeGreaterThan(0.85 * (alone.interval.high - alone.interval.low));
  });

  it('learns three times as much from coins that have nothing in common', () => {
    const normal = normals(createRandom(7));
    let alone = 0;
    let together = 0;
    for (let market = 0; market < 10; market += 1) {
      const coins = [0, 1, 2].map(() => timed(dependentCorrectness(10_000, 0.9, normal), 0));
      alone += bootstrapAccuracy(coins[0].correct, options()).effectiveSamples;
      together += bootstrapPooledAccuracy(coins, options()).effectiveSamples;
    }
    expect(together / alone).toBeGreaterThan(2.5);
    expect(together / alone).toBeLessThan(3.5);
  });

  it('covers the truth for coins that move together, start apart and have gaps', () => {
    const random = createRandom(12);
    const normal = normals(random);
    let covered = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      const shared = dependentCorrectness(4000, 0.9, normal);
      const whole = timed(shared, 0);
      const later = timed(shared.slice(1500), 1500);
      const kept = [...whole.time.keys()].filter((minute) => minute % 700 > 90);
      const gappy = { correct: Uint8Array.from(kept, (minute) => shared[minute]), time: Float64Array.from(kept, (minute) => minute * 60_000) };
      if (covers(bootstrapPooledAccuracy([whole, later, gappy], { horizon: HORIZON, resamples: 200, random }).interval)) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it('is the plain interval for one coin', () => {
    const coin = timed(dependentCorrectness(5000, 0.9, normals(createRandom(6))), 33);
    const pooled = bootstrapPooledAccuracy([coin], options());
    const alone = bootstrapAccuracy(coin.correct, options());
    expect(pooled.effectiveSamples).toBeCloseTo(alone.effectiveSamples, 9);
    expect(pooled.interval.low).toBeCloseTo(alone.interval.low, 1);
  });
});

describe('what the intervals stand on', () => {
  it('measures the variance of a sum by blocks as it is defined', () => {
    const series = Float64Array.of(2, -1, 0, 3, -4);
    let squares = 0;
    for (let start = 0; start < 5; start += 1) squares += (series[start] + series[(start + 1) % 5] + series[(start + 2) % 5]) ** 2;
    expect(blockVarianceOfSum(series, 3)).toBeCloseTo(squares / 3, 12);
    expect(blockVarianceOfSum(series, 1)).toBeCloseTo(4 + 1 + 0 + 9 + 16, 12);
  });

  it('takes longer blocks where dependence lasts longer, two horizons at least, the series at most', () => {
    const lengthFor = (autocorrelation: number): number => {
      const correct = dependentCorrectness(20_000, autocorrelation, normals(createRandom(2)));
      const accuracy = share(correct);
      return chooseBlockLength(Float64Array.from(correct, (value) => value - accuracy), HORIZON);
    };
    expect(lengthFor(0)).toBe(30);
    expect(lengthFor(0.9)).toBeGreaterThan(100);
    expect(lengthFor(0.98)).toBeGreaterThan(lengthFor(0.9));
    expect(chooseBlockLength(new Float64Array(7), HORIZON)).toBe(7);
  });

  it("agrees with the tables of Wilson's and of Student's interval", () => {
    // 8 of 10: Wilson 0.4902 to 0.9433. t(9) at 97.5 %: 2.262157.
    expect(wilsonInterval(0.8, 10).low).toBeCloseTo(0.4902, 4);
    expect(wilsonInterval(0.8, 10).high).toBeCloseTo(0.9433, 4);
    expect(wilsonInterval(1, 5).high).toBe(1);
    expect(studentWidening(10) * 1.959964).toBeCloseTo(2.262157, 2);
    expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3);
  });
});
