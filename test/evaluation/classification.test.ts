import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaUnderRoc, classify } from '../../src/evaluation/classification.js';
import { goldenMetrics, goldenWindows } from './golden.js';

/** Few distinct values, so that ties are common. */
const forecast = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }).map((twelfths) => twelfths / 12), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 60 });
const columns = (pairs: readonly (readonly [number, number])[]): [Float64Array, Uint8Array] => [
  Float64Array.from(pairs, ([probability]) => probability),
  Uint8Array.from(pairs, ([, label]) => label),
];

describe('classify', () => {
  it('agrees with scikit-learn on the golden windows', () => {
    const { probability, label } = goldenWindows();
    const figures = classify(probability, label);
    const expected = goldenMetrics.classification;
    expect([figures.truePositives, figures.falsePositives, figures.falseNegatives, figures.trueNegatives]).toEqual([expected.tp, expected.fp, expected.fn, expected.tn]);
    const pairs: [number | undefined, number][] = [
      [figures.accuracy, expected.accuracy],
      [figures.precision, expected.precision],
      [figures.recall, expected.recall],
      [figures.f1, expected.f1],
      [figures.auc, expected.roc_auc],
      [figures.brier, expected.brier],
      [figures.logLoss, expected.log_loss],
      [figures.baseRate, expected.base_rate],
    ];
    for (const [figure, wanted] of pairs) expect(Math.abs(figure! - wanted)).toBeLessThan(1e-9);
  });

  it('decides up at exactly one half', () => {
    expect(classify(Float64Array.of(0.5), Uint8Array.of(1)).truePositives).toBe(1);
  });

  it('gives precision, recall and F1 of 0 where nothing was called up and nothing was up', () => {
    const figures = classify(Float64Array.of(0.2, 0.3), Uint8Array.of(0, 0));
    expect(figures).toMatchObject({ accuracy: 1, precision: 0, recall: 0, f1: 0, baseRate: 0 });
    expect(figures).not.toHaveProperty('auc');
  });

  it('charges a certain forecast that fails 36 nats, and one that holds nothing', () => {
    expect(classify(Float64Array.of(0), Uint8Array.of(1)).logLoss).toBeCloseTo(-Math.log(2.2e-16), 9);
    expect(classify(Float64Array.of(1), Uint8Array.of(0)).logLoss).toBeCloseTo(36.04, 1);
    expect(classify(Float64Array.of(1, 0), Uint8Array.of(1, 0)).logLoss).toBeCloseTo(0, 12);
  });
});

describe('areaUnderRoc', () => {
  it('is the share of pairs of an up and a down ranked rightly, a tie counting half', () => {
    fc.assert(
      fc.property(forecast, (pairs) => {
        let rightly = 0;
        let all = 0;
        for (const [high, up] of pairs) {
          for (const [low, down] of pairs) {
            if (up !== 1 || down !== 0) continue;
            all += 1;
            rightly += high > low ? 1 : high === low ? 0.5 : 0;
          }
        }
        const area = areaUnderRoc(...columns(pairs));
        if (all === 0) expect(area).toBeUndefined();
        else expect(area).toBeCloseTo(rightly / all, 12);
      }),
    );
  });

  it('is one half when every probability is the same', () => {
    expect(areaUnderRoc(new Float64Array(10).fill(0.5), Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 1))).toBe(0.5);
  });
});
