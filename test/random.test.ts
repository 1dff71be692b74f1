import { describe, expect, it } from 'vitest';
import { createRandom, randomIndex } from '../src/random.js';

const draw = (seed: number, stream?: number, count = 5): number[] => {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, random);
};

describe('createRandom', () => {
  it('draws the same for the same seed and stream, and others for another', () => {
    expect(draw(7, 2)).toEqual(draw(7, 2));
    expect(draw(7)).toEqual(draw(7, 0));
    const sequences = [draw(7), draw(8), draw(7, 1), draw(7 + 2 ** 32)];
    expect(new Set(sequences.map(String)).size).toBe(4);
  });

  it('is uniform over [0, 1)', () => {
    const draws = draw(1, 0, 100_000);
    expect(Math.min(...draws.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
    const tenths = new Array<number>(10).fill(0);
    for (const value of draws) tenths[Math.floor(value * 10)]++;
    // Chi-square with 9 degrees of freedom: above 27.9 once in a thousand seeds.
    expect(tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });
});

describe('randomIndex', () => {
  it('takes every index and none beyond', () => {
    const random = createRandom(3);
    expect(new Set(Array.from({ length: 200 }, () => randomIndex(random, 6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
