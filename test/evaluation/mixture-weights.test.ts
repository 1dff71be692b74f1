import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMixtureWeights } from '../../src/evaluation/mixture-weights.js';
import { applyProbabilityCalibration, fitProbabilityCalibration } from '../../src/evaluation/probability-calibration.js';
import { solvePositiveDefinite } from '../../src/evaluation/solve-positive-definite.js';
import { createRandom } from '../../src/random.js';

const lossOf = (members: readonly Float64Array[], weights: ArrayLike<number>, label: Uint8Array): number =>
  label.reduce((sum, up, window) => sum - Math.log(members.reduce((p, member, index) => p + weights[index] * (up === 1 ? member[window] : 1 - member[window]), 0)), 0) / label.length;

/** Members that see the truth through noise of their own, as far from it as `spread` says. */
function draw(seed: number, spreads: readonly number[], windows: number): { readonly members: Float64Array[]; readonly label: Uint8Array } {
  const random = createRandom(seed);
  const truth = Float64Array.from({ length: windows }, () => random() - 0.5);
  const label = Uint8Array.from(truth, (value) => Number(random() < 1 / (1 + Math.exp(-4 * value))));
  return { label, members: spreads.map((spread) => truth.map((value) => 1 / (1 + Math.exp(-4 * (value + spread * (random() - 0.5)))))) };
}

describe('weights of a mixture', () => {
  it('have a log loss that no other weights go below', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 2, maxLength: 5 }), (seed, spreads) => {
      const { members, label } = draw(seed, spreads, 300);
      const weights = fitMixtureWeights(members, label);
      expect(weights.every((weight) => weight >= 0)).toBe(true);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      const reached = lossOf(members, weights, label);
      const random = createRandom(seed, 1);
      for (let attempt = 0; attempt < 30; attempt++) {
        const other = members.map(() => -Math.log(random()));
        const total = other.reduce((sum, each) => sum + each, 0);
        expect(lossOf(members, other.map((each) => each / total), label)).toBeGreaterThanOrEqual(reached - 1e-8);
      }
      members.forEach((_, alone) => expect(lossOf(members, members.map((__, index) => Number(index === alone)), label)).toBeGreaterThanOrEqual(reached - 1e-8));
    }), { numRuns: 60 });
  });

  it('give the better member more, and nothing to one that says the opposite', () => {
    const { members, label } = draw(3, [0.3, 1.5], 4000);
    const [better, worse] = fitMixtureWeights(members, label);
    expect(better).toBeGreaterThan(worse);
    const { members: [truth], label: drawn } = draw(3, [0], 4000);
    const cautious = truth.map((p) => 0.5 + (p - 0.5) / 2);
    expect([...fitMixtureWeights([cautious, cautious.map((p) => 1 - p)], drawn)]).toEqual([1, 0]);
  });

  it('share among members that agree everywhere', () => {
    const { members: [one], label } = draw(4, [0.5], 500);
    const [first, second] = fitMixtureWeights([one, one], label);
    expect(first).toBeCloseTo(0.5, 6);
    expect(second).toBeCloseTo(0.5, 6);
  });
});

describe('calibration of probabilities', () => {
  const { members: [p], label } = draw(5, [1], 3000);
  it.each(['platt', 'isotonic'] as const)('%s lowers the log loss it was fitted on, and never says certain', (method) => {
    const calibration = fitProbabilityCalibration(method, p, label);
    const calibrated = applyProbabilityCalibration(calibration!, p);
    expect(lossOf([calibrated], [1], label)).toBeLessThan(lossOf([p], [1], label));
    expect(calibrated.every((each) => each > 0 && each < 1)).toBe(true);
  });

  it('none is none, and a model is not turned round', () => {
    expect(fitProbabilityCalibration('none', p, label)).toBeUndefined();
    expect(fitProbabilityCalibration('platt', p.map((each) => 1 - each), label)).toBeUndefined();
  });
});

describe('a positive definite system', () => {
  it('is solved, and one that is not is told', () => {
    expect([...solvePositiveDefinite([4, 0, 2, 3], [2, 5])!].map((value) => Number(value.toFixed(12)))).toEqual([-0.5, 2]);
    expect(solvePositiveDefinite([1, 0, 2, 1], [1, 1])).toBeUndefined();
  });
});
