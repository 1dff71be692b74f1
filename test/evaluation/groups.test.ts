import { describe, expect, it } from 'vitest';
import { sessionOf, tierOf } from '../../src/evaluation/confidence.js';
import { correctness } from '../../src/evaluation/classification.js';
import { groupFigures } from '../../src/evaluation/groups.js';
import { scoredMarket } from './simulated.js';

const total = (groups: readonly { readonly windows: number }[]): number => groups.reduce((sum, { windows }) => sum + windows, 0);

describe('groupFigures', () => {
  const scored = scoredMarket(60_000, 0.3, 1);
  const correct = correctness(scored.probability, scored.label);
  const groups = groupFigures(scored, correct, 60);

  it('puts every window into one tier, one session and one month', () => {
    expect(groups.byTier.map(({ name }) => name)).toEqual(['high', 'medium', 'low']);
    expect(groups.bySession.map(({ name }) => name)).toEqual(['tokyo', 'london', 'new_york']);
    // 60,000 minutes from New Year: January has 44,640.
    expect(groups.byMonth.map(({ name, windows }) => [name, windows])).toEqual([['2025-01', 44_640], ['2025-02', 15_360]]);
    for (const list of [groups.byTier, groups.bySession, groups.byMonth]) expect(total(list)).toBe(60_000);
  });

  it('counts within the group', () => {
    const london = scored.time.reduce<number[]>((rows, time, row) => (sessionOf(time) === 'london' ? [...rows, row] : rows), []);
    const figures = groups.bySession[1];
    expect(figures.accuracy).toBeCloseTo(london.filter((row) => correct[row] === 1).length / london.length, 12);
    expect(figures.baseRate).toBeCloseTo(london.filter((row) => scored.label[row] === 1).length / london.length, 12);
  });

  it('is surer of itself where it claims to be, with intervals about each accuracy', () => {
    const [high, medium, low] = groups.byTier;
    expect(high.accuracy).toBeGreaterThan(medium.accuracy);
    expect(medium.accuracy).toBeGreaterThan(low.accuracy);
    for (const { accuracy, interval } of groups.byTier) {
      expect(interval!.low).toBeLessThan(accuracy);
      expect(interval!.high).toBeGreaterThan(accuracy);
    }
  });

  it('has wider intervals than as many independent windows would', () => {
    const { accuracy, windows, interval } = groups.byMonth[0];
    expect((interval!.high - interval!.low) / (2 * 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / windows))).toBeGreaterThan(1.5);
  });

  it('gives a group seen in fewer than five blocks no interval', () => {
    const few = scoredMarket(200, 0.3, 1);
    for (const { interval } of groupFigures(few, correctness(few.probability, few.label), 60).byMonth) expect(interval).toBeUndefined();
  });
});

describe('tiers and sessions', () => {
  it('have their lower edge in them', () => {
    expect([0.75, 0.7499, 0.65, 0.6499].map(tierOf)).toEqual(['high', 'medium', 'medium', 'low']);
    expect([0, 7, 8, 15, 16, 23].map((hour) => sessionOf(Date.UTC(2025, 5, 1, hour, 59)))).toEqual(['tokyo', 'tokyo', 'london', 'london', 'new_york', 'new_york']);
  });
});
