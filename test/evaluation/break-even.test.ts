import { describe, expect, it } from 'vitest';
import { breakEven } from '../../src/evaluation/break-even.js';
import { createRandom } from '../../src/random.js';
import { simulateTrades } from '../../src/evaluation/trades.js';

/** 40,000 windows that move by 30 bps either way, decided with a given share of right decisions. */
function market(accuracy: number) {
  const random = createRandom(3);
  const label = Uint8Array.from({ length: 40_000 }, () => (random() < 0.5 ? 1 : 0));
  const probability = Float64Array.from(label, (up) => ((random() < accuracy ? up : 1 - up) === 1 ? 0.8 : 0.2));
  return {
    label,
    probability,
    entry: new Float64Array(40_000).fill(100),
    exit: Float64Array.from(label, (up) => (up === 1 ? 100.3 : 99.7)),
    time: Float64Array.from(label, (_, window) => window * 60_000),
  };
}

describe('breakEven', () => {
  it('is (1 + cost / move) / 2', () => {
    const result = breakEven(market(0.75), { spreadBps: 12, slippageBps: 3 });
    expect(result?.accuracy).toBeCloseTo(0.75, 9);
    expect(result).toMatchObject({ meanMoveBps: expect.closeTo(30, 6) as number, meanCostBps: 15, tradedAccuracy: expect.closeTo(0.75, 2) as number });
  });

  it('is where the simulated trades turn from a loss to a gain', () => {
    expect(simulateTrades(market(0.74), { sides: 'both' }).totalPnl).toBeLessThan(0);
    expect(simulateTrades(market(0.76), { sides: 'both' }).totalPnl).toBeGreaterThan(0);
  });

  it('does not exist where the cost is above the mean move, and the means say so', () => {
    expect(breakEven(market(0.75), { spreadBps: 40, slippageBps: 3 })).toEqual({
      tradedAccuracy: expect.closeTo(0.75, 2) as number,
      meanMoveBps: expect.closeTo(30, 6) as number,
      meanCostBps: 43,
    });
  });

  it('is one half without costs, and absent without a trade', () => {
    expect(breakEven(market(0.75), { spreadBps: 0, slippageBps: 0 })?.accuracy).toBe(0.5);
    const unsure = { ...market(0.75), probability: new Float64Array(40_000).fill(0.5) };
    expect(breakEven(unsure, { spreadBps: 12, slippageBps: 3 })).toBeUndefined();
  });

  it('does not exist where nothing moves', () => {
    const { entry, ...rest } = market(0.75);
    expect(breakEven({ ...rest, entry, exit: entry }, { spreadBps: 12, slippageBps: 3 })).not.toHaveProperty('accuracy');
  });
});
