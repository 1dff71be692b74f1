import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestAccuracy, processOfAccuracy } from '../../../src/candles/simulate/best-accuracy.js';
import { dayProfile } from '../../../src/candles/simulate/day-profile.js';
import { driftFilter, longRunVariance, scaled } from '../../../src/candles/simulate/drift-process.js';
import { refusalOf } from '../../support/refusals.js';

const profile = dayProfile();
const hourly = 0.5 ** (1 / 60);

describe('the best accuracy of a process', () => {
  test('one minute ahead on a flat day is 1/2 + arcsin(r)/π of the correlation between drift and return', () => {
    const flat = new Float64Array(1440).fill(1);
    const { seeingTheDrift } = bestAccuracy({ persistence: 0.9, driftVariance: 1, noiseVariance: 3 }, 1, flat);
    expect(seeingTheDrift).toBeCloseTo(0.5 + Math.asin(0.9 / Math.sqrt(4)) / Math.PI, 12);
  });

  test('what candles tell lies between a coin and what the drift tells; scale changes neither', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 30 }), (share, persistence, horizon) => {
        const process = { persistence, driftVariance: share, noiseVariance: 1 - share };
        const best = bestAccuracy(process, horizon, profile);
        expect(best.fromCandles).toBeGreaterThanOrEqual(0.5);
        expect(best.fromCandles).toBeLessThanOrEqual(best.seeingTheDrift);
        expect(best.seeingTheDrift).toBeLessThanOrEqual(1);
        const wild = bestAccuracy(scaled(process, 1e4), horizon, profile);
        expect(wild.fromCandles).toBeCloseTo(best.fromCandles, 9);
        expect(wild.seeingTheDrift).toBeCloseTo(best.seeingTheDrift, 9);
      }),
      { numRuns: 50 },
    );
  });

  test.each([0.51, 0.6, 0.78, 0.85])('the process made for %d has it', (accuracy) => {
    expect(bestAccuracy(processOfAccuracy(accuracy, hourly, 15, profile), 15, profile).seeingTheDrift).toBeCloseTo(accuracy, 9);
  });

  test('no signal is a coin', () => {
    expect(bestAccuracy(processOfAccuracy(0.5, hourly, 15, profile), 15, profile)).toEqual({ seeingTheDrift: 0.5, fromCandles: 0.5 });
  });

  test.each([0.95, 0.4, NaN])('%d is out of reach', (accuracy) => {
    expect(refusalOf(() => processOfAccuracy(accuracy, hourly, 15, profile)).code).toBe('signal-out-of-reach');
  });
});

describe('the filter', () => {
  test('is where the recursion of its error settles', () => {
    const [persistence, driftVariance, noiseVariance] = [0.97, 0.2, 0.8];
    let known = driftVariance;
    for (let step = 0; step < 5000; step++) {
      const predicted = persistence ** 2 * known + driftVariance * (1 - persistence ** 2);
      known = (predicted * noiseVariance) / (predicted + noiseVariance);
    }
    expect(driftFilter({ persistence, driftVariance, noiseVariance }).estimateVariance).toBeCloseTo(driftVariance - known, 12);
  });

  test('knows the drift where there is no noise', () => {
    expect(driftFilter({ persistence: 0.9, driftVariance: 2, noiseVariance: 0 })).toEqual({ gain: 1, estimateVariance: 2 });
  });
});

test('the variance of a long stretch is its length times the long-run variance', () => {
  const process = { persistence: 0.8, driftVariance: 0.3, noiseVariance: 0.7 };
  const minutes = 20_000;
  let driftSum = minutes;
  for (let lag = 1; lag < minutes; lag++) driftSum += 2 * (minutes - lag) * 0.8 ** lag;
  expect((0.7 * minutes + 0.3 * driftSum) / minutes / longRunVariance(process)).toBeCloseTo(1, 3);
});
