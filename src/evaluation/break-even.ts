import type { BreakEven } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';
import { sideOf } from './trades.js';
import { valueAt } from './trading-costs.js';
import type { BasisPoints } from './trading-costs.js';

/**
 * How often the simulated trades (both sides) would have to be right for nothing to be lost.
 *
 * A right decision earns the size of the move |r|, r = c[t + horizon] / c[t] - 1, a wrong one loses it, and both pay the
 * cost k. If being right does not depend on the size of the move, a trade at accuracy a earns
 *
 *     a E|r| - (1 - a) E|r| - k = 0    =>    a = (1 + k / E|r|) / 2
 *
 * with the means over the windows that were traded. Where the mean move is below the cost, a would have to exceed 1: no
 * accuracy breaks even, and `accuracy` is absent while the two means say why.
 * @returns undefined when nothing was traded.
 */
export function breakEven(
  windows: Pick<ScoredWindows, 'probability' | 'label' | 'entry' | 'exit'>,
  costs: { readonly spreadBps: BasisPoints; readonly slippageBps: BasisPoints },
): BreakEven | undefined {
  let trades = 0;
  let right = 0;
  let movesBps = 0;
  let paidBps = 0;
  for (let index = 0; index < windows.probability.length; index += 1) {
    const side = sideOf(windows.probability[index], 'both');
    if (side === 0) continue;
    trades += 1;
    right += windows.label[index] === (side === 1 ? 1 : 0) ? 1 : 0;
    movesBps += Math.abs(windows.exit[index] / windows.entry[index] - 1) * 10_000;
    paidBps += valueAt(costs.spreadBps, index) + valueAt(costs.slippageBps, index);
  }
  if (trades === 0) return undefined;
  // No cost: half the decisions right is enough, even where nothing moves.
  const accuracy = paidBps === 0 ? 0.5 : (1 + paidBps / movesBps) / 2;
  return {
    tradedAccuracy: right / trades,
    meanMoveBps: movesBps / trades,
    meanCostBps: paidBps / trades,
    ...(accuracy <= 1 ? { accuracy } : {}),
  };
}
