import { describe, expect, test } from 'vitest';
import { checkCandles } from '../../../src/candles/check-candles.js';
import { findGaps } from '../../../src/candles/gaps.js';
import { bestAccuracy, processOfAccuracy } from '../../../src/candles/simulate/best-accuracy.js';
import { dayProfile } from '../../../src/candles/simulate/day-profile.js';
import { longRunVariance, scaled } from '../../../src/candles/simulate/drift-process.js';
import { marketOf } from '../../../src/candles/simulate/market.js';
import { AccuracyMeter } from '../../../src/candles/simulate/measure-accuracy.js';
import { simulateMonths } from '../../../src/candles/simulate/simulate-candles.js';
import type { SimulatedMonth, SimulationParameters } from '../../../src/candles/simulate/simulate-candles.js';

const horizon = 15;
const dayMs = 86_400_000;
const monday = Date.UTC(2025, 0, 6);
const profile = dayProfile();

function parameters(accuracy: number, days: number, more: Partial<SimulationParameters> = {}): SimulationParameters {
  const market = marketOf('BTC-SIM');
  const unit = processOfAccuracy(accuracy, 0.5 ** (1 / 60), horizon, profile);
  const process = scaled(unit, market.dailyVolatility ** 2 / 1440 / longRunVariance(unit));
  return { symbol: 'BTC-SIM', seed: 1, range: { from: monday, to: monday + days * dayMs }, process, market, gapShare: 0, ...more };
}

/** Accuracy of a guess at each row, and its standard error from the spread between days, within which windows depend. */
function accuracyByDay(months: readonly SimulatedMonth[], up: (month: SimulatedMonth, row: number) => boolean): { mean: number; error: number } {
  const days = new Map<number, { right: number; windows: number }>();
  for (const month of months) {
    const { time, close } = month.candles;
    for (let row = 0; row + horizon < time.length; row++) {
      const day = days.get(Math.floor(time[row] / dayMs)) ?? { right: 0, windows: 0 };
      days.set(Math.floor(time[row] / dayMs), day);
      day.windows++;
      if (up(month, row) === close[row + horizon] > close[row]) day.right++;
    }
  }
  const shares = [...days.values()].map(({ right, windows }) => right / windows);
  const mean = shares.reduce((a, b) => a + b) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1);
  return { mean, error: Math.sqrt(variance / shares.length) };
}

describe('what the candles allow is what was claimed', () => {
  test.each([0.55, 0.65, 0.78])('an oracle that sees the drift is right in %d of windows', (accuracy) => {
    const { mean, error } = accuracyByDay([...simulateMonths(parameters(accuracy, 300))], ({ drift }, row) => drift[row] > 0);
    expect(error).toBeLessThan(0.004);
    expect(Math.abs(mean - accuracy)).toBeLessThan(4 * error);
  });

  test('a filter that sees closes only reaches the claimed share, as the meter says month by month', () => {
    const given = parameters(0.78, 300);
    const months = [...simulateMonths(given)];
    const { fromCandles } = bestAccuracy(given.process, horizon, profile);
    const meter = new AccuracyMeter(given.process, horizon);
    for (const month of months) meter.add(month);
    const measured = meter.result();
    const { error } = accuracyByDay(months, ({ drift }, row) => drift[row] > 0);
    expect(measured.windows).toBe(300 * 1440 - horizon);
    expect(Math.abs(measured.fromCandles - fromCandles)).toBeLessThan(5 * error);
    expect(measured.seeingTheDrift - measured.fromCandles).toBeGreaterThan(0.04);
  });

  test('no trailing mean of the closes beats the ceiling of candles, and the best one comes near', () => {
    const given = parameters(0.78, 300);
    const months = [...simulateMonths(given)];
    const { fromCandles } = bestAccuracy(given.process, horizon, profile);
    const of = [5, 15, 30, 60, 120].map((rows) => accuracyByDay(months, ({ candles: { close } }, row) => close[row] > close[Math.max(0, row - rows)]));
    for (const { mean, error } of of) expect(mean).toBeLessThan(fromCandles + 3 * error);
    expect(Math.max(...of.map(({ mean }) => mean))).toBeGreaterThan(fromCandles - 0.03);
  });

  test('without a signal, momentum and reversal find nothing', () => {
    const months = [...simulateMonths(parameters(0.5, 300))];
    for (const rows of [1, 15, 60]) {
      const { mean, error } = accuracyByDay(months, ({ candles: { close } }, row) => close[row] > close[Math.max(0, row - rows)]);
      expect(Math.abs(mean - 0.5)).toBeLessThan(4 * error);
    }
  });
});

describe('the candles', () => {
  const [month] = [...simulateMonths(parameters(0.78, 20))];
  const { candles } = month;

  test('are right ones: on the grid, each open the close before', () => {
    checkCandles(candles);
    for (let row = 1; row < candles.time.length; row++) {
      expect(candles.open[row]).toBe(candles.close[row - 1]);
      expect(Math.round(candles.high[row] * 100) / 100).toBe(candles.high[row]);
    }
  });

  test('volume goes with the size of the move, and the day is busiest in its afternoon', () => {
    const moves = candles.close.map((close, row) => Math.abs(Math.log(close / candles.open[row])));
    expect(correlation(moves, candles.volume)).toBeGreaterThan(0.3);
    const at = (hour: number): number => mean(moves.filter((_, row) => Math.floor(row / 60) % 24 === hour));
    expect(at(15) / at(3)).toBeGreaterThan(1.6);
  });

  test('returns depend on those before only as the drift does', () => {
    const { process } = parameters(0.78, 20);
    const scaledMoves = candles.close.map((close, row) => Math.log(close / candles.open[row]) / profile[(candles.time[row] / 60_000) % 1440]);
    const share = process.driftVariance / (process.driftVariance + process.noiseVariance);
    const standardError = 1 / Math.sqrt(scaledMoves.length);
    for (const lag of [1, 10]) {
      expect(Math.abs(correlation(scaledMoves.subarray(0, -lag), scaledMoves.subarray(lag)) - share * process.persistence ** lag)).toBeLessThan(6 * standardError);
    }
  });

  test('highs reach as far beyond as a path between open and close does', () => {
    // Without a drift, the mean range of a Brownian minute is sqrt(8 v / π) (Feller 1951).
    const given = parameters(0.5, 20);
    const [calm] = [...simulateMonths(given)];
    const beyond = calm.candles.high.map((high, row) => Math.log(high / calm.candles.low[row]) / profile[(calm.candles.time[row] / 60_000) % 1440]);
    expect(mean(beyond) / Math.sqrt((8 * given.process.noiseVariance) / Math.PI)).toBeCloseTo(1, 1);
  });

  test('the same seed gives the same, another another; more days go on from fewer', () => {
    const first = [...simulateMonths(parameters(0.78, 2))][0].candles;
    expect([...simulateMonths(parameters(0.78, 2))][0].candles).toEqual(first);
    expect(candles.close.subarray(0, first.close.length)).toEqual(first.close);
    expect([...simulateMonths(parameters(0.78, 2, { seed: 2 }))][0].candles.close).not.toEqual(first.close);
    expect([...simulateMonths(parameters(0.78, 2, { symbol: 'BTC-OTHER' }))][0].candles.close).not.toEqual(first.close);
  });

  test('gaps take out their share of minutes, in runs of 3, and leave the other candles as they were', () => {
    const [gappy] = [...simulateMonths(parameters(0.78, 20, { gapShare: 0.05 }))];
    const gaps = findGaps(gappy.candles);
    expect(gaps.missingMinutes / (20 * 1440)).toBeCloseTo(0.05, 1.5);
    expect(gaps.missingMinutes / gaps.count).toBeGreaterThan(2.5);
    expect(gaps.missingMinutes / gaps.count).toBeLessThan(3.5);
    const rowOf = new Map(Array.from(candles.time, (time, row) => [time, row]));
    gappy.candles.time.forEach((time, row) => expect(gappy.candles.close[row]).toBe(candles.close[rowOf.get(time) as number]));
  });

  test('a range over a new year comes in calendar months', () => {
    const from = Date.UTC(2024, 11, 30);
    const months = [...simulateMonths(parameters(0.5, 4, { range: { from, to: from + 4 * dayMs } }))];
    expect(months.map(({ candles: { time } }) => [time[0], time.length])).toEqual([[from, 2880], [Date.UTC(2025, 0, 1), 2880]]);
  });
});

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    both += (a[row] - meanA) * (b[row] - meanB);
    ofA += (a[row] - meanA) ** 2;
    ofB += (b[row] - meanB) ** 2;
  }
  return both / Math.sqrt(ofA * ofB);
}
