import { quantile } from './bootstrap.js';
import { SESSIONS, TIERS, confidenceOf, sessionOf, tierOf } from './confidence.js';
import type { Tier } from './confidence.js';
import type { TradeGroup, TradeSimulation, ReturnShape } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';
import { sum } from './sum.js';
import { valueAt } from './trading-costs.js';
import type { BasisPoints } from './trading-costs.js';

const INITIAL_BALANCE = 10_000;
/** Share of the balance a trade puts in. */
const NOTIONAL = 0.01;
const EXPECTED_WIN_RATE: Readonly<Record<Tier, number>> = { high: 0.75, medium: 0.65, low: 0.55 };
const LATE_PNL = 0.9;
const MOST_EQUITY_POINTS = 2000;

export interface TradeOptions {
  /** `original`: confidence is p, so only longs are taken. `both`: confidence is max(p, 1 - p), short when p < 0.5. */
  readonly sides: 'original' | 'both';
  /** Default 12. */
  readonly spreadBps?: BasisPoints;
  /** Default 3. */
  readonly slippageBps?: BasisPoints;
  /** From decision to order, ms: a constant or one value a window. Default 0. */
  readonly latencyMs?: BasisPoints;
  /** A trade later than this pays `lateSlippageBps` and its pnl counts nine tenths in `latencyPenalisedPnl`. Default 500. */
  readonly latencyBudgetMs?: number;
  /** Default 6. */
  readonly lateSlippageBps?: number;
}

type TradedWindows = Pick<ScoredWindows, 'probability' | 'entry' | 'exit' | 'time'>;

/** +1 long, -1 short, 0 no trade: the low tier never trades. */
export function sideOf(probability: number, sides: TradeOptions['sides']): -1 | 0 | 1 {
  if (sides === 'original') return tierOf(probability) === 'low' ? 0 : 1;
  if (tierOf(confidenceOf(probability)) === 'low') return 0;
  return probability >= 0.5 ? 1 : -1;
}

/**
 * The original's backtest: one trade a window of medium or high confidence, in order, whatever else
 * is open; 1 % of the balance in; costs on entry only, e = c[t] (1 +- (spread + slippage)/10^4); out at c[t + horizon].
 *
 * Sharpe is the original's: mean pnl over its standard deviation (ddof 0, + 1e-8), per trade, times sqrt(252). Do not
 * compare it with a fund's. The root of 252 stands for days a year, but trades come by the thousand and overlap, so
 * neighbours win and lose together and the figure overstates (or, losing, exaggerates) what a year would show. Read its
 * sign and rank models with it, no more. Absent below two trades, where it has no meaning.
 */
export function simulateTrades(windows: TradedWindows, options: TradeOptions): TradeSimulation {
  const { spreadBps = 12, slippageBps = 3, latencyMs = 0, latencyBudgetMs = 500, lateSlippageBps = 6 } = options;
  const ledger: Ledger = { pnl: [], won: [], confidence: [], time: [], balance: [], latency: [] };
  let balance = INITIAL_BALANCE;
  let latencyPenalisedPnl = 0;
  for (let index = 0; index < windows.probability.length; index += 1) {
    const probability = windows.probability[index];
    const side = sideOf(probability, options.sides);
    if (side === 0) continue;
    const latency = valueAt(latencyMs, index);
    const late = latency > latencyBudgetMs;
    const cost = valueAt(spreadBps, index) + (late ? lateSlippageBps : valueAt(slippageBps, index));
    const entry = windows.entry[index] * (1 + (side * cost) / 10_000);
    const change = (side * (windows.exit[index] - entry)) / entry;
    const pnl = change * balance * NOTIONAL;
    balance += pnl;
    latencyPenalisedPnl += late ? LATE_PNL * pnl : pnl;
    ledger.pnl.push(pnl);
    ledger.won.push(change > 0);
    ledger.confidence.push(options.sides === 'original' ? probability : confidenceOf(probability));
    ledger.time.push(windows.time[index]);
    ledger.balance.push(balance);
    ledger.latency.push(latency);
  }
  return { ...summary(ledger), latencyPenalisedPnl, finalBalance: balance, netReturn: balance / INITIAL_BALANCE - 1 };
}

/** One entry a trade, in order. */
interface Ledger {
  readonly pnl: number[];
  readonly won: boolean[];
  readonly confidence: number[];
  readonly time: number[];
  readonly balance: number[];
  readonly latency: number[];
}

function summary(ledger: Ledger): Omit<TradeSimulation, 'latencyPenalisedPnl' | 'finalBalance' | 'netReturn'> {
  const trades = ledger.pnl.length;
  const wins = ledger.won.filter(Boolean).length;
  const totalPnl = sum(ledger.pnl);
  const byTier = groupTrades(ledger, TIERS, (trade) => tierOf(ledger.confidence[trade]));
  const drawdown = drawdowns(ledger.balance);
  const sharpe = sharpeRatio(ledger.pnl);
  const shape = returnShape(ledger.pnl);
  return {
    trades,
    wins,
    losses: trades - wins,
    totalPnl,
    maxDrawdown: drawdown.max,
    meanDrawdown: drawdown.mean,
    ...(trades === 0
      ? {}
      : {
          winRate: wins / trades,
          meanPnl: totalPnl / trades,
          brier: sum(ledger.confidence.map((confidence, trade) => (confidence - (ledger.won[trade] ? 1 : 0)) ** 2)) / trades,
          tierCalibrationError: sum(byTier.map((tier) => Math.abs(EXPECTED_WIN_RATE[tier.name as Tier] - tier.winRate))) / byTier.length,
          latency: { meanMs: sum(ledger.latency) / trades, p90Ms: quantile(Float64Array.from(ledger.latency).sort(), 0.9) },
        }),
    ...(sharpe === undefined ? {} : { sharpe }),
    ...(shape === undefined ? {} : { returnShape: shape }),
    byTier,
    bySession: groupTrades(ledger, SESSIONS, (trade) => sessionOf(ledger.time[trade])),
    equity: thin(ledger),
  };
}

function drawdowns(balances: readonly number[]): { max: number; mean: number } {
  let peak = INITIAL_BALANCE;
  let max = 0;
  let total = 0;
  for (const balance of balances) {
    peak = Math.max(peak, balance);
    const drawdown = (peak - balance) / peak;
    max = Math.max(max, drawdown);
    total += drawdown;
  }
  return { max, mean: balances.length === 0 ? 0 : total / balances.length };
}

function sharpeRatio(pnl: readonly number[]): number | undefined {
  if (pnl.length < 2) return undefined;
  const returns = pnl.map((value) => value / INITIAL_BALANCE);
  const mean = sum(returns) / returns.length;
  const deviation = Math.sqrt(sum(returns.map((value) => (value - mean) ** 2)) / returns.length);
  return (mean / (deviation + 1e-8)) * Math.sqrt(252);
}

/** Sharpe ratio a trade, third and fourth standardised moments (ddof 0) of the results. */
function returnShape(pnl: readonly number[]): ReturnShape | undefined {
  if (pnl.length < 2) return undefined;
  const mean = sum(pnl) / pnl.length;
  const moment = (order: number) => sum(pnl.map((value) => (value - mean) ** order)) / pnl.length;
  const deviation = Math.sqrt(moment(2));
  return deviation === 0 ? undefined : { sharpe: mean / deviation, skewness: moment(3) / deviation ** 3, kurtosis: moment(4) / deviation ** 4 };
}

/** The groups that hold a trade, in the order of `names`. */
function groupTrades(ledger: Ledger, names: readonly string[], nameOf: (trade: number) => string): TradeGroup[] {
  const groups = new Map(names.map((name) => [name, { trades: 0, wins: 0, totalPnl: 0 }]));
  for (let trade = 0; trade < ledger.pnl.length; trade += 1) {
    const group = groups.get(nameOf(trade))!;
    group.trades += 1;
    group.wins += ledger.won[trade] ? 1 : 0;
    group.totalPnl += ledger.pnl[trade];
  }
  return [...groups].flatMap(([name, { trades, wins, totalPnl }]) =>
    trades === 0 ? [] : [{ name, trades, winRate: wins / trades, totalPnl, meanPnl: totalPnl / trades }],
  );
}

/** Every n-th point, the last one among them. */
function thin({ time, balance }: Ledger): TradeSimulation['equity'] {
  const points = Math.min(balance.length, MOST_EQUITY_POINTS);
  const kept = Array.from({ length: points }, (_, point) => Math.ceil(((point + 1) * balance.length) / points) - 1);
  return { time: kept.map((trade) => time[trade]), balance: kept.map((trade) => balance[trade]) };
}
