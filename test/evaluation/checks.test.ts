import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barLag, laggedProbability } from '../../src/evaluation/bar-lag.js';
import { checkRan } from '../../src/evaluation/gate.js';
import { createRandom } from '../../src/random.js';
import { shiftedAgreement, shuffledLabels } from '../../src/evaluation/shuffled-labels.js';
import { scoredMarket } from './simulated.js';

const shuffle = (market: ReturnType<typeof scoredMarket>, seed = 1) => shuffledLabels(market.probability, market.label, { random: createRandom(seed) });

describe('shuffledLabels', () => {
  it('clears a model that knows something', () => {
    expect(shuffle(scoredMarket(6400, 0.2, 1))).toEqual({ shifts: 1000, pValue: 1 / 1001, suspect: false });
  });

  it('is as often small as chance allows for models that know nothing', () => {
    const pValues = Array.from({ length: 200 }, (_, seed) => shuffle(scoredMarket(5000, 0, seed + 1), seed)).flatMap((check) => (checkRan(check) ? [check.pValue] : []));
    expect(pValues).toHaveLength(200);
    const below = (level: number): number => pValues.filter((pValue) => pValue <= level).length / 200;
    // 200 draws: three standard errors about each level.
    for (const level of [0.05, 0.25, 0.5, 0.75]) expect(Math.abs(below(level) - level)).toBeLessThan(3 * Math.sqrt((level * (1 - level)) / 200));
  });

  it('does not clear a model that only learnt which answer is more frequent', () => {
    const label = Uint8Array.from({ length: 6000 }, (_, window) => (window % 10 < 7 ? 1 : 0));
    const check = shuffledLabels(new Float64Array(6000).fill(0.7), label, { random: createRandom(1) });
    expect(check).toMatchObject({ pValue: 1, suspect: true });
  });

  it('uses each shift once where fewer than 1,000 are a day away, and says when there are too few', () => {
    expect(shuffle(scoredMarket(2 * 1440 + 300, 0.3, 1))).toMatchObject({ shifts: 301 });
    expect(shuffle(scoredMarket(2 * 1440 + 97, 0.3, 1))).toEqual({ notRun: '2977 windows leave 98 shifts of the labels by a day or more, the check needs 99' });
    expect(shuffle(scoredMarket(1, 0.3, 1))).toHaveProperty('notRun');
  });
});

describe('shiftedAgreement', () => {
  it('counts as counting one by one does, for every shift', () => {
    const bits = fc.integer({ min: 1, max: 140 }).chain((length) => fc.tuple(...[0, 1].map(() => fc.uint8Array({ minLength: length, maxLength: length, max: 1 }))));
    fc.assert(
      fc.property(bits, fc.nat(), ([a, b], draw) => {
        const shift = draw % (a.length + 1);
        const expected = a.filter((value, index) => value === b[(index + shift) % a.length]).length;
        expect(shiftedAgreement(a, b)(shift)).toBe(expected);
      }),
    );
  });
});

describe('barLag', () => {
  const market = scoredMarket(4000, 0.5, 2);
  const ends = Int32Array.from(market.label, (_, window) => window + 59);

  it('keeps an honest edge: fourteen of fifteen minutes are still to come', () => {
    const check = barLag(market, laggedProbability(market.probability, ends));
    if (!checkRan(check)) throw new Error(check.notRun);
    expect(check.edgeLost).toBeLessThan(0.3);
    expect(check.suspect).toBe(false);
    expect(check.edgeLost).toBeCloseTo(1 - (check.laggedAccuracy - check.baseline) / (check.accuracy - check.baseline), 12);
  });

  it('suspects an edge that is gone one bar later', () => {
    const random = createRandom(1);
    const check = barLag(market, market.probability.map(() => random()));
    if (!checkRan(check)) throw new Error(check.notRun);
    expect(check.edgeLost).toBeGreaterThan(0.8);
    expect(check.suspect).toBe(true);
  });

  it('leaves out windows without a neighbour one row before', () => {
    const lagged = laggedProbability(Float64Array.of(0.1, 0.2, 0.3, 0.4), Int32Array.of(59, 60, 62, 63));
    expect([...lagged]).toEqual([NaN, 0.1, NaN, 0.3]);
    const onlyLast = market.probability.map((value, window) => (window === 3999 ? value : NaN));
    expect(barLag(market, onlyLast)).toEqual({ notRun: expect.stringContaining('no edge to lose') as string });
    expect(barLag(market, market.probability.map(() => NaN))).toEqual({ notRun: 'no window has one that ends a row earlier' });
  });

  it('refuses columns of different lengths', () => {
    expect(() => barLag(market, new Float64Array(3))).toThrow(expect.objectContaining({ code: 'length-mismatch' }) as Error);
  });
});
