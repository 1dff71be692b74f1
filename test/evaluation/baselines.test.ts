import { describe, expect, it } from 'vitest';
import { computeBaselines } from '../../src/evaluation/baselines.js';
import { goldenMetrics, goldenWindows } from './golden.js';

describe('computeBaselines', () => {
  it('agrees with the golden majority', () => {
    const { majorityAccuracy } = computeBaselines(goldenWindows());
    expect(Math.abs(majorityAccuracy - goldenMetrics.classification.majority_accuracy)).toBeLessThan(1e-9);
  });

  it('lets the price go on as it went, a tie being no rise', () => {
    const baselines = computeBaselines({
      probability: Float64Array.of(0.5, 0.5, 0.5, 0.5),
      previous: Float64Array.of(NaN, 9, 10, 11),
      entry: Float64Array.of(10, 10, 10, 10),
      label: Uint8Array.of(1, 1, 0, 1),
    });
    // Without c[t - 15] a window does not count; then up (right), tie = down (right), down (wrong).
    expect(baselines.persistenceAccuracy).toBeCloseTo(2 / 3, 12);
    expect(baselines.majorityAccuracy).toBe(0.75);
    expect(baselines.best).toBe(0.75);
  });

  it('has no persistence without a past and no skill with one class only', () => {
    const baselines = computeBaselines({ probability: Float64Array.of(0.9), previous: Float64Array.of(NaN), entry: Float64Array.of(1), label: Uint8Array.of(1) });
    expect(baselines).toEqual({ majorityAccuracy: 1, best: 1 });
  });

  it('gives always the base rate a skill of 0', () => {
    const { brierSkill } = computeBaselines({
      probability: new Float64Array(4).fill(0.25),
      previous: new Float64Array(4).fill(NaN),
      entry: new Float64Array(4).fill(1),
      label: Uint8Array.of(0, 1, 0, 0),
    });
    expect(brierSkill).toBeCloseTo(0, 12);
  });
});
