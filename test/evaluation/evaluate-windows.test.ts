import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateWindows } from '../../src/evaluation/evaluate-windows.js';
import type { ScoredWindows } from '../../src/evaluation/scored-windows.js';
import { poolEvaluations } from '../../src/evaluation/pool-evaluations.js';
import { readParquet } from '../../src/tables/parquet.js';
import { fixtures, projectRoot } from '../support/requirements.js';
import { goldenMetrics, goldenWindows } from './golden.js';
import { scoredMarket } from './simulated.js';

/** What PyTorch made of a simulated coin's test split, beside its candles. */
function simulatedCoin(coin: string): ScoredWindows {
  const expected = readParquet(join(fixtures, `sim/lstm_${coin}-SIM_1m_demo.expected.parquet`));
  const candles = readParquet(join(projectRoot, `data/sample/${coin}-SIM_1m_2025-01-06_2025-02-04.parquet`));
  const rows = expected.column('row').map((row) => row + 36_720);
  const close = candles.column('close');
  const time = candles.column('timestamp');
  return {
    symbol: `${coin}-SIM`,
    horizon: 15,
    probability: expected.column('p'),
    label: Uint8Array.from(expected.column('y')),
    time: rows.map((row) => time[row]),
    entry: rows.map((row) => close[row]),
    exit: rows.map((row) => close[row + 15]),
    previous: rows.map((row) => close[row - 15]),
  };
}

describe('evaluateWindows', () => {
  it('carries the golden figures', () => {
    const evaluation = evaluateWindows(goldenWindows());
    const { classification, simulate } = goldenMetrics;
    expect(evaluation.windows).toBe(4000);
    expect(Math.abs(evaluation.classification.accuracy - classification.accuracy)).toBeLessThan(1e-9);
    expect(Math.abs(evaluation.calibration.error - classification.ece)).toBeLessThan(1e-9);
    expect(Math.abs(evaluation.trades.both.totalPnl - (simulate.both.total_pnl as number))).toBeLessThan(1e-9);
    expect(evaluation.baselines).not.toHaveProperty('persistenceAccuracy');
  });

  it.each(['BTC', 'ETH', 'SOL'])('agrees with PyTorch on the accuracy and calibration of %s-SIM', (coin) => {
    const expected = (JSON.parse(readFileSync(join(fixtures, 'sim/expected.json'), 'utf8')) as Record<string, { windows: number; accuracy: number; calibration_error: number }>)[`lstm_${coin}-SIM_1m_demo.pt`];
    const evaluation = evaluateWindows(simulatedCoin(coin));
    expect(evaluation.windows).toBe(expected.windows);
    expect(Math.abs(evaluation.classification.accuracy - expected.accuracy)).toBeLessThan(1e-9);
    expect(Math.abs(evaluation.calibration.error - expected.calibration_error)).toBeLessThan(1e-9);
  });

  it('is the same for the same seed, and data through and through', () => {
    const market = scoredMarket(3000, 0.3, 4);
    const once = evaluateWindows(market, { seed: 7, resamples: 200 });
    expect(evaluateWindows(market, { seed: 7, resamples: 200 })).toEqual(once);
    expect(evaluateWindows(market, { seed: 8, resamples: 200 }).accuracyInterval).not.toEqual(once.accuracyInterval);
    expect(JSON.parse(JSON.stringify(once))).toEqual(once);
  });

  it('takes a single window, one class, equal, certain and wrong probabilities: figures or nothing, never NaN', () => {
    const market = scoredMarket(400, 0.2, 1);
    const cut = (windows: number): ScoredWindows => ({
      ...market,
      probability: market.probability.slice(0, windows),
      label: market.label.slice(0, windows),
      time: market.time.slice(0, windows),
      entry: market.entry.slice(0, windows),
      exit: market.exit.slice(0, windows),
      previous: market.previous.slice(0, windows),
    });
    const edges: ScoredWindows[] = [
      cut(1),
      cut(2),
      cut(16),
      { ...market, label: new Uint8Array(400) },
      { ...market, label: new Uint8Array(400).fill(1), probability: new Float64Array(400).fill(1) },
      { ...market, probability: new Float64Array(400).fill(0.5) },
      { ...market, probability: market.probability.map((value) => (value >= 0.5 ? 1 : 0)) },
      { ...market, probability: new Float64Array(400).fill(0), label: new Uint8Array(400).fill(1) },
      { ...market, exit: market.entry, label: new Uint8Array(400) },
    ];
    for (const edge of edges) {
      const evaluation = evaluateWindows(edge, { resamples: 100 });
      expect(JSON.stringify(evaluation)).not.toContain('null');
      expect(evaluation.accuracyInterval.low).toBeLessThanOrEqual(evaluation.classification.accuracy);
      expect(evaluation.accuracyInterval.high).toBeGreaterThanOrEqual(evaluation.classification.accuracy);
      expect(evaluation.effectiveSamples).toBeLessThanOrEqual(evaluation.windows);
    }
  });

  it('keeps every share within 0 and 1 for any windows', () => {
    const any = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(any, (pairs) => {
        const { length } = pairs;
        const evaluation = evaluateWindows(
          {
            symbol: 'ANY',
            horizon: 3,
            probability: Float64Array.from(pairs, ([probability]) => probability),
            label: Uint8Array.from(pairs, ([, label]) => label),
            time: Float64Array.from(pairs, (_, index) => index * 60_000),
            entry: new Float64Array(length).fill(100),
            exit: Float64Array.from(pairs, ([, label]) => 100 + label),
            previous: new Float64Array(length).fill(NaN),
          },
          { resamples: 100 },
        );
        const { accuracyInterval, calibration } = evaluation;
        for (const share of [accuracyInterval.low, accuracyInterval.high, calibration.error, calibration.debiased.value, calibration.debiased.interval.low, calibration.debiased.interval.high, calibration.noiseFloor]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(calibration.debiased.interval.low).toBeLessThanOrEqual(calibration.debiased.interval.high);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['no-windows', { probability: new Float64Array(0) }, undefined],
    ['length-mismatch', { label: new Uint8Array(3) }, { column: 'label' }],
    ['bad-horizon', { horizon: 0 }, undefined],
    ['bad-scored-window', { probability: Float64Array.of(0.1, NaN) }, { row: 1, column: 'probability' }],
    ['bad-scored-window', { probability: Float64Array.of(1.01, 0.1) }, { row: 0, column: 'probability' }],
    ['bad-scored-window', { label: Uint8Array.of(0, 2) }, { row: 1, column: 'label' }],
    ['bad-scored-window', { time: Float64Array.of(60_000, 60_000) }, { row: 1, column: 'time' }],
    ['bad-scored-window', { entry: Float64Array.of(0, 1) }, { row: 0, column: 'entry' }],
    ['bad-scored-window', { exit: Float64Array.of(1, Infinity) }, { row: 1, column: 'exit' }],
    ['bad-scored-window', { previous: Float64Array.of(-1, 1) }, { row: 0, column: 'previous' }],
  ])('refuses bad windows: %s', (code, change, place) => {
    const two: ScoredWindows = {
      symbol: 'AAA-USD',
      horizon: 15,
      probability: Float64Array.of(0.2, 0.8),
      label: Uint8Array.of(0, 1),
      time: Float64Array.of(0, 60_000),
      entry: Float64Array.of(1, 1),
      exit: Float64Array.of(1, 2),
      previous: Float64Array.of(NaN, NaN),
    };
    expect(() => evaluateWindows(two)).not.toThrow();
    const error = expect.objectContaining({ name: 'InputError', code, ...(place === undefined ? {} : { place }) }) as Error;
    expect(() => evaluateWindows({ ...two, ...change })).toThrow(error);
  });

  it.each([{ accuracyGate: 68 }, { spreadBps: -1 }, { slippageBps: NaN }, { resamples: 10 }, { seed: 0.5 }])('refuses the option %o', (options) => {
    expect(() => evaluateWindows(scoredMarket(100, 0, 1), options)).toThrow(expect.objectContaining({ name: 'InputError', code: 'bad-option' }) as Error);
  });
});

describe('poolEvaluations', () => {
  it('counts every window once, and every model at its own baseline', () => {
    const [first, second] = [scoredMarket(3000, 0.3, 1, 'AAA-USD'), scoredMarket(1000, 0.1, 2, 'BBB-USD')];
    const pooled = poolEvaluations([first, second], { resamples: 200 });
    const [one, two] = [first, second].map((market) => evaluateWindows(market, { resamples: 100 }));
    expect(pooled).toMatchObject({ models: 2, windows: 4000 });
    expect(pooled.accuracy).toBeCloseTo((3 * one.classification.accuracy + two.classification.accuracy) / 4, 12);
    expect(pooled.baselineAccuracy).toBeCloseTo((3 * one.baselines.best + two.baselines.best) / 4, 12);
    expect(pooled.interval.low).toBeLessThan(pooled.accuracy);
    expect(pooled.interval.high).toBeGreaterThan(pooled.accuracy);
  });

  it('refuses an empty list', () => {
    expect(() => poolEvaluations([])).toThrow(expect.objectContaining({ code: 'no-windows' }) as Error);
  });
});
