import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/random.js';
import { simulateTrades } from '../../src/evaluation/trades.js';
import { drawTriangularCosts } from '../../src/evaluation/trading-costs.js';
import type { TradeGroup } from '../../src/evaluation/evaluation.js';
import { goldenMetrics, goldenWindows } from './golden.js';
import type { GoldenGroups } from './golden.js';

const windows = (probability: number[], exit: number[]) => ({
  probability: Float64Array.from(probability),
  entry: new Float64Array(exit.length).fill(100),
  exit: Float64Array.from(exit),
  time: Float64Array.from(exit, (_, index) => Date.UTC(2025, 0, 1, index * 8)),
});

describe('simulateTrades', () => {
  it.each(['original', 'both'] as const)('agrees with every golden figure, sides %s', (sides) => {
    const expected = goldenMetrics.simulate[sides];
    const result = simulateTrades(goldenWindows(), { sides });
    const figures: Record<string, number | undefined> = {
      total_trades: result.trades,
      winning_trades: result.wins,
      losing_trades: result.losses,
      win_rate: result.winRate,
      total_pnl: result.totalPnl,
      avg_pnl_per_trade: result.meanPnl,
      max_drawdown: result.maxDrawdown,
      avg_drawdown: result.meanDrawdown,
      sharpe_ratio: result.sharpe,
      brier_score: result.brier,
      calibration_error: result.tierCalibrationError,
      avg_latency_ms: result.latency?.meanMs,
      p90_latency_ms: result.latency?.p90Ms,
      latency_penalized_pnl: result.latencyPenalisedPnl,
      final_balance: result.finalBalance,
    };
    expect([...Object.keys(figures), 'tiers', 'sessions'].sort()).toEqual(Object.keys(expected).sort());
    for (const [name, figure] of Object.entries(figures)) expect(Math.abs(figure! - (expected[name] as number)), name).toBeLessThan(1e-9);
    expectGroups(result.byTier, expected.tiers as GoldenGroups);
    expectGroups(result.bySession, expected.sessions as GoldenGroups);
  });

  function expectGroups(groups: readonly TradeGroup[], expected: GoldenGroups): void {
    expect(groups.map(({ name }) => name)).toEqual(Object.keys(expected));
    for (const { name, trades, winRate, totalPnl, meanPnl } of groups) {
      expect(trades).toBe(expected[name].trades);
      expect(Math.abs(winRate - expected[name].win_rate)).toBeLessThan(1e-9);
      expect(Math.abs(totalPnl - expected[name].total_pnl)).toBeLessThan(1e-9);
      expect(Math.abs(meanPnl - expected[name].avg_pnl)).toBeLessThan(1e-9);
    }
  }

  it('only ever buys as the original does, and sells as well with both sides', () => {
    const market = windows([0.9, 0.1], [101, 99]);
    expect(simulateTrades(market, { sides: 'original', spreadBps: 0, slippageBps: 0 }).trades).toBe(1);
    const both = simulateTrades(market, { sides: 'both', spreadBps: 0, slippageBps: 0 });
    expect(both).toMatchObject({ trades: 2, wins: 2, losses: 0, maxDrawdown: 0 });
    // 1 % of 10,000 at +1 %, then 1 % of 10,001 at +1 %.
    expect(both.finalBalance).toBeCloseTo(10_000 + 1 + 1.0001, 9);
    expect(both.equity).toEqual({ time: [Date.UTC(2025, 0, 1), Date.UTC(2025, 0, 1, 8)], balance: [10_001, expect.closeTo(10_002.0001, 9)] });
  });

  it('pays on entry only: a long buys dearer, a short sells cheaper', () => {
    const still = (probability: number) => simulateTrades(windows([probability], [100]), { sides: 'both' }).totalPnl;
    expect(still(0.9)).toBeCloseTo(100 * (100 / 100.15 - 1), 9);
    expect(still(0.1)).toBeCloseTo(100 * (1 - 100 / 99.85), 9);
  });

  it('has no trade below a confidence of 0.65, and then no figure that needs one', () => {
    const none = simulateTrades(windows([0.64, 0.5, 0.36], [101, 101, 101]), { sides: 'both' });
    expect(none).toEqual({
      trades: 0, wins: 0, losses: 0, totalPnl: 0, maxDrawdown: 0, meanDrawdown: 0, latencyPenalisedPnl: 0,
      finalBalance: 10_000, netReturn: 0, byTier: [], bySession: [], equity: { time: [], balance: [] },
    });
    const one = simulateTrades(windows([0.65], [101]), { sides: 'both' });
    expect(one.trades).toBe(1);
    expect(one).not.toHaveProperty('sharpe');
  });

  it('lets late trades slip by 6 bps and counts nine tenths of what they bring, losses too', () => {
    const market = windows([0.9, 0.9, 0.9], [101, 101, 99]);
    const result = simulateTrades(market, { sides: 'original', latencyMs: [500, 501, 900] });
    const inTime = 100 * (101 / 100.15 - 1);
    const late = (10_000 + inTime) * 0.01 * (101 / 100.18 - 1);
    const lateLoss = (10_000 + inTime + late) * 0.01 * (99 / 100.18 - 1);
    expect(result.totalPnl).toBeCloseTo(inTime + late + lateLoss, 9);
    expect(result.latencyPenalisedPnl).toBeCloseTo(inTime + 0.9 * (late + lateLoss), 9);
    expect(result.latency?.meanMs).toBeCloseTo(1901 / 3, 9);
    // Between 501 and 900, eight tenths of the way.
    expect(result.latency?.p90Ms).toBeCloseTo(501 + 0.8 * 399, 9);
  });

  it('thins the equity to 2,000 points and keeps the last', () => {
    const many = windows(new Array<number>(4001).fill(0.9), Array.from({ length: 4001 }, (_, trade) => 100 + (trade % 3)));
    const { equity, finalBalance, trades } = simulateTrades(many, { sides: 'original' });
    expect(trades).toBe(4001);
    expect(equity.balance).toHaveLength(2000);
    expect(equity.time).toHaveLength(2000);
    expect(equity.balance.at(-1)).toBe(finalBalance);
    expect(equity.time.at(-1)).toBe(many.time[4000]);
  });
});

describe('drawTriangularCosts', () => {
  it("draws the original's costs, 14 and 4 bps on average", () => {
    const { spreadBps, slippageBps } = drawTriangularCosts(100_000, createRandom(1));
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(spreadBps)).toBeCloseTo(14, 1);
    expect(mean(slippageBps)).toBeCloseTo(4, 1);
    expect(spreadBps.every((value) => value >= 12 && value <= 18)).toBe(true);
    // The density falls in a line: half of all draws lie below 18 - 6 / sqrt(2).
    expect(spreadBps.filter((value) => value < 18 - 6 / Math.SQRT2).length / 100_000).toBeCloseTo(0.5, 2);
    expect(simulateTrades(goldenWindows(), { sides: 'original', ...drawTriangularCosts(4000, createRandom(1)) }).totalPnl).toBeLessThan(
      goldenMetrics.simulate.original.total_pnl as number,
    );
  });
});
