import type { Random } from '../random.js';

/** Basis points: a constant, or one value a window. */
export type BasisPoints = number | ArrayLike<number>;

export function valueAt(values: BasisPoints, index: number): number {
  return typeof values === 'number' ? values : values[index];
}

/**
 * Costs as the original draws them, one a window: spread from a triangle that falls from 12 to 18 bps, slippage from one
 * that falls from 3 to 6. Their means are 14 and 4, so the original pays 18 bps a trade on average, not the 15 its
 * constants suggest. It does not seed its draws; here they come from `random`.
 */
export function drawTriangularCosts(windows: number, random: Random): { readonly spreadBps: Float64Array; readonly slippageBps: Float64Array } {
  const falling = (low: number, high: number): number => high - (high - low) * Math.sqrt(1 - random());
  const spreadBps = new Float64Array(windows);
  const slippageBps = new Float64Array(windows);
  for (let index = 0; index < windows; index += 1) {
    spreadBps[index] = falling(12, 18);
    slippageBps[index] = falling(3, 6);
  }
  return { spreadBps, slippageBps };
}
