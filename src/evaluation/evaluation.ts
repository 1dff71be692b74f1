/** Everything computed from one model's scored windows. A figure that could not be computed is absent, never zero. */
export interface Evaluation {
  readonly windows: number;
  /** OPEN times of the first and last decided candle, ms since the epoch, UTC. */
  readonly from: number;
  readonly to: number;
  readonly classification: Classification;
  readonly baselines: Baselines;
  /** 95 % block-bootstrap interval of accuracy. */
  readonly accuracyInterval: Interval;
  /** How many independent windows would give that interval's width. */
  readonly effectiveSamples: number;
  /** Rows a block of the bootstrap holds. */
  readonly blockLength?: number;
  readonly calibration: Calibration;
  /** Accuracy among the most confident windows, from few to all. */
  readonly coverage: readonly CoveragePoint[];
  /** Largest share of windows, most confident first, whose accuracy reaches the gate; absent when none does. */
  readonly coverageAtGate?: number;
  /** `original`: longs only, as the original traded. `both`: long and short. */
  readonly trades: { readonly original: TradeSimulation; readonly both: TradeSimulation };
  /** Share of right decisions at which `trades.both` would break even after costs; absent when no size of move allows it. */
  readonly breakEvenAccuracy?: number;
  /** What `breakEvenAccuracy` rests on; absent when `trades.both` took no trade. */
  readonly breakEven?: BreakEven;
  /** Whether the Sharpe ratio of `trades.both` may be luck; absent without trades, or where the tries are not on record. */
  readonly deflatedSharpe?: DeflatedSharpe;
  readonly byTier: readonly GroupFigures[];
  readonly bySession: readonly GroupFigures[];
  /** `2025-05`, oldest first. */
  readonly byMonth: readonly GroupFigures[];
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Classification {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Area under the ROC curve; absent with one class only. */
  readonly auc?: number;
  readonly brier: number;
  readonly logLoss: number;
  /** Share of windows labelled up. */
  readonly baseRate: number;
}

export interface Baselines {
  /** max(base rate, 1 - base rate). */
  readonly majorityAccuracy: number;
  /** "It goes on as it went": up when c[t] > c[t - horizon], a tie is down. Absent when no window has c[t - horizon]. */
  readonly persistenceAccuracy?: number;
  /** The better of the two: what `baseline_accuracy` shows. */
  readonly best: number;
  /** 1 - Brier / Brier of always saying the base rate; absent with one class only. */
  readonly brierSkill?: number;
}

export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly windows: number;
  readonly meanProbability: number;
  readonly shareUp: number;
}

export interface Calibration {
  /** Original's 10 equal-width bins: what the gate uses. */
  readonly error: number;
  /** Those of the ten that hold a window. */
  readonly bins: readonly ReliabilityBin[];
  /** Equal-mass bins, the bias of noise removed, with its 95 % interval. */
  readonly debiased: { readonly value: number; readonly interval: Interval };
  /** The 10-bin error a perfectly calibrated model with these probabilities would show at this effective size (mean). */
  readonly noiseFloor: number;
}

export interface CoveragePoint {
  /** Share of windows kept, 0 to 1. */
  readonly coverage: number;
  /** Smallest max(p, 1 - p) among them. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly windows: number;
}

/** The best of several tries looks good by chance: what is left of its Sharpe ratio. */
export interface DeflatedSharpe {
  /** Tries the model was chosen from. */
  readonly trials: number;
  /** Trades, less their overlap. */
  readonly independentTrades: number;
  /** That the true Sharpe ratio is above what the best of so many tries without skill is expected to show. */
  readonly probability: number;
}

/** Of the returns of single trades, not annualised. */
export interface ReturnShape {
  readonly sharpe: number;
  readonly skewness: number;
  /** 3 of a normal distribution. */
  readonly kurtosis: number;
}

/** One simulation of `simulateTrades`. Money in quote currency; balance and peak start at 10,000. */
export interface TradeSimulation {
  readonly trades: number;
  readonly wins: number;
  readonly losses: number;
  /** Absent without a trade, as every mean below. */
  readonly winRate?: number;
  readonly totalPnl: number;
  readonly meanPnl?: number;
  readonly maxDrawdown: number;
  readonly meanDrawdown: number;
  readonly sharpe?: number;
  /** Absent where all returns are equal. */
  readonly returnShape?: ReturnShape;
  /** Confidence against win. */
  readonly brier?: number;
  /** Mean over tiers with trades of |fixed expected win rate - win rate|: the original's backtest gate. */
  readonly tierCalibrationError?: number;
  /** From decision to order; p90 by linear interpolation. */
  readonly latency?: { readonly meanMs: number; readonly p90Ms: number };
  readonly latencyPenalisedPnl: number;
  readonly finalBalance: number;
  /** final balance / 10,000 - 1. */
  readonly netReturn: number;
  readonly byTier: readonly TradeGroup[];
  readonly bySession: readonly TradeGroup[];
  /** Balance after each trade and when it was entered, thinned to at most 2,000 points. */
  readonly equity: { readonly time: readonly number[]; readonly balance: readonly number[] };
}

/** Over the windows traded by `trades.both`. */
export interface BreakEven {
  /** (1 + cost / move) / 2; absent when that exceeds 1: the mean move is below the cost. */
  readonly accuracy?: number;
  /** Share of the traded windows whose direction was right, costs aside. */
  readonly tradedAccuracy: number;
  /** Mean |c[t + horizon] / c[t] - 1|. */
  readonly meanMoveBps: number;
  /** Spread and slippage of a trade. */
  readonly meanCostBps: number;
}

export interface TradeGroup {
  /** `high`, `medium`; `tokyo`, `london`, `new_york`. */
  readonly name: string;
  readonly trades: number;
  readonly winRate: number;
  readonly totalPnl: number;
  readonly meanPnl: number;
}

export interface GroupFigures {
  readonly name: string;
  readonly windows: number;
  readonly accuracy: number;
  readonly interval?: Interval;
  readonly baseRate: number;
  readonly calibrationError: number;
}

export type Verdict = 'PROMOTE' | 'RETRAIN' | 'SUSPECT';

/** A gate's decision, with its reasons: sentences for a person. */
export interface GateDecision {
  readonly accuracyPassed: boolean;
  readonly calibrationPassed: boolean;
  /** Both, with enough windows and nothing suspect. */
  readonly passed: boolean;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** Share of circular shifts of the labels (by a day or more) at which the model is as accurate as on the true labels. */
export interface ShuffledLabelsCheck {
  readonly shifts: number;
  readonly pValue: number;
  readonly suspect: boolean;
}

/** Accuracy when windows end one row earlier, against the same labels. */
export interface BarLagCheck {
  readonly accuracy: number;
  readonly laggedAccuracy: number;
  /** Always the same answer, on the windows compared. */
  readonly baseline: number;
  /** 1 - lagged edge / edge, edge = accuracy - baseline. */
  readonly edgeLost: number;
  readonly suspect: boolean;
}

/** A check that could not be made, and why: a sentence. Such a check clears nothing. */
export interface CheckNotRun {
  readonly notRun: string;
}

export interface Gates {
  /** Smallest accuracy that passes, 0.68 by default. */
  readonly accuracy: number;
  /** Largest ten-bin calibration error that passes, 0.05 by default. */
  readonly calibration: number;
}

/** A check that is missing has not been run and clears nothing. */
export interface GateChecks {
  readonly shuffledLabels?: ShuffledLabelsCheck | CheckNotRun;
  readonly barLag?: BarLagCheck | CheckNotRun;
}

/** Several models' windows as one. */
export interface PooledResult {
  readonly models: number;
  readonly windows: number;
  readonly accuracy: number;
  /** Coins resampled jointly: the same blocks of time for each. */
  readonly interval: Interval;
  readonly effectiveSamples: number;
  /** Each model at the better of its own two baselines. */
  readonly baselineAccuracy: number;
  readonly calibrationError: number;
}
