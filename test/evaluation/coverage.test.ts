import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyByCoverage } from '../../src/evaluation/coverage.js';
import { correctness } from '../../src/evaluation/classification.js';

describe('accuracyByCoverage', () => {
  it('keeps the most confident windows first, up or down alike', () => {
    const { points, coverageAtGate } = accuracyByCoverage(Float64Array.of(0.5, 0.9, 0.2, 0.6), Uint8Array.of(0, 1, 1, 0), 0.68);
    expect(points).toEqual([
      { coverage: 0.25, confidence: 0.9, accuracy: 1, windows: 1 },
      { coverage: 0.5, confidence: 0.8, accuracy: 1, windows: 2 },
      { coverage: 0.75, confidence: 0.6, accuracy: 2 / 3, windows: 3 },
      { coverage: 1, confidence: 0.5, accuracy: 0.5, windows: 4 },
    ]);
    expect(coverageAtGate).toBe(0.5);
  });

  it('takes windows of equal confidence together', () => {
    const { points } = accuracyByCoverage(new Float64Array(1000).fill(0.5), new Uint8Array(1000).fill(1), 0.68);
    expect(points).toEqual([{ coverage: 1, confidence: 0.5, accuracy: 1, windows: 1000 }]);
  });

  it('does not take a handful of lucky windows for a share that reaches the gate', () => {
    // 10,000 windows: the ten most confident are right, then every second one.
    const probability = Float64Array.from({ length: 10_000 }, (_, window) => 0.5 + (10_000 - window) / 30_000);
    const correct = Uint8Array.from(probability, (_, window) => (window < 10 || window % 2 === 0 ? 1 : 0));
    const { points, coverageAtGate } = accuracyByCoverage(probability, correct, 0.68);
    expect(coverageAtGate).toBeUndefined();
    expect(points).toHaveLength(200);
    expect(points[0].windows).toBe(50);
  });

  it('says at each point what counting says, and finds the largest share at the gate', () => {
    const window = fc.tuple(fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 150 }), (pairs) => {
        const probability = Float64Array.from(pairs, ([p]) => p);
        const correct = correctness(probability, Uint8Array.from(pairs, ([, label]) => label));
        const confidence = [...probability].map((p) => Math.max(p, 1 - p));
        const at = (level: number) => confidence.flatMap((value, index) => (value >= level ? [correct[index]] : []));
        const accuracyAt = (level: number) => at(level).reduce((sum, value) => sum + value, 0) / at(level).length;
        const { points, coverageAtGate } = accuracyByCoverage(probability, correct, 0.68);
        for (const point of points) {
          expect(point.windows).toBe(at(point.confidence).length);
          expect(point.accuracy).toBeCloseTo(accuracyAt(point.confidence), 12);
        }
        expect(points.at(-1)?.coverage).toBe(1);
        const reaching = confidence.filter((level) => accuracyAt(level) >= 0.68).map((level) => at(level).length / pairs.length);
        expect(coverageAtGate).toBe(reaching.length === 0 ? undefined : Math.max(...reaching));
      }),
    );
  });
});
