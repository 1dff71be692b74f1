import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fitLogistic } from '../../../src/training/baselines/logistic-regression.js';
import { fixtures } from '../../support/requirements.js';

interface Logistic {
  readonly rows: readonly (readonly number[])[];
  readonly label: readonly number[];
  readonly fits: readonly { readonly ridge: number; readonly weights: readonly number[]; readonly bias: number }[];
}
const { rows, label, fits } = JSON.parse(readFileSync(join(fixtures, 'baselines/logistic.json'), 'utf8')) as Logistic;
const featureCount = rows[0].length;
const examples = { rows: Float32Array.from(rows.flat()), featureCount, ends: Int32Array.from(rows.keys()), label: Float32Array.from(label) };

describe('logistic regression', () => {
  it.each(fits)("finds scikit-learn's coefficients with ridge $ridge", ({ ridge, weights, bias }) => {
    const fitted = fitLogistic(examples, { ridge });
    fitted.weights.forEach((weight, feature) => expect(weight).toBeCloseTo(weights[feature], 6));
    expect(fitted.bias).toBeCloseTo(bias, 6);
  });

  it('learns of the rows at which an example ends, and of no other', () => {
    const ends = examples.ends.filter((row) => row % 3 === 0);
    const others = examples.label.map((each, row) => (row % 3 === 0 ? each : 1 - each));
    const fitted = fitLogistic({ ...examples, ends }, { ridge: 1 });
    expect(fitLogistic({ ...examples, ends, label: others }, { ridge: 1 })).toEqual(fitted);
    expect(fitted.weights).not.toEqual(fitLogistic(examples, { ridge: 1 }).weights);
  });

  it('stays finite on labels that a line separates, and on a column that is constant', () => {
    const separable = { ...examples, label: examples.label.map((_, row) => Number(rows[row][0] > 0)) };
    const constant = { ...separable, rows: examples.rows.map((value, at) => (at % featureCount === 2 ? 0 : value)) };
    for (const given of [separable, constant]) {
      const { weights, bias, steps } = fitLogistic(given, { ridge: 1 });
      expect([...weights, bias].every(Number.isFinite)).toBe(true);
      expect(weights[0]).toBeGreaterThan(2);
      expect(steps).toBeLessThan(50);
    }
  });
});
