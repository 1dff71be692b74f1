import type { Evaluation, GroupFigures, TradeGroup, TradeSimulation } from '../../src/evaluation/evaluation.js';
import type { ModelResult, RunResult } from '../../src/report/run-result.js';

/** Hand-made results with the sizes and proportions of real ones. Each takes what a test wants otherwise. */

const firstMinute = Date.UTC(2025, 4, 30, 12);
const minute = 60_000;

export function anEvaluation({ accuracy = 0.728, calibrationError = 0.024 } = {}, changes: Partial<Evaluation> = {}): Evaluation {
  const windows = 6_349;
  const baseRate = 0.512;
  const up = Math.round(windows * baseRate);
  const truePositives = Math.round(up * accuracy);
  const trueNegatives = Math.round((windows - up) * accuracy);
  const falseNegatives = up - truePositives;
  const falsePositives = windows - up - trueNegatives;
  const half = 0.031;
  return {
    windows,
    from: firstMinute,
    to: firstMinute + (windows - 1) * minute,
    classification: {
      truePositives,
      falsePositives,
      falseNegatives,
      trueNegatives,
      accuracy,
      precision: truePositives / (truePositives + falsePositives),
      recall: truePositives / up,
      f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
      auc: accuracy + 0.07,
      brier: 0.182,
      logLoss: 0.5431,
      baseRate,
    },
    baselines: { majorityAccuracy: baseRate, persistenceAccuracy: 0.588, best: 0.588, brierSkill: 0.271 },
    accuracyInterval: { low: accuracy - half, high: accuracy + half },
    effectiveSamples: 792,
    blockLength: 60,
    calibration: {
      error: calibrationError,
      bins: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((bin) => ({
        low: bin / 10,
        high: (bin + 1) / 10,
        windows: [310, 640, 760, 700, 690, 720, 745, 780, 690, 314][bin] ?? 0,
        meanProbability: bin / 10 + 0.05,
        shareUp: Math.min(0.98, Math.max(0.01, bin / 10 + 0.05 + calibrationError * (bin % 2 === 0 ? 1.4 : -0.8))),
      })),
      debiased: { value: calibrationError * 0.6, interval: { low: calibrationError * 0.3, high: calibrationError * 1.3 } },
      noiseFloor: 0.019,
    },
    coverage: Array.from({ length: 200 }, (_, index) => {
      const coverage = (index + 1) / 200;
      return {
        coverage,
        confidence: 0.97 - 0.46 * coverage,
        accuracy: accuracy + (1 - coverage) * 0.16 + 0.02 * Math.sin(index) * (1 - coverage),
        windows: Math.round(windows * coverage),
      };
    }),
    ...(accuracy + 0.16 < 0.68 ? {} : { coverageAtGate: Math.min(1, Math.max(0, 1 - (0.68 - accuracy) / 0.16)) }),
    trades: { original: simulation(1_420, accuracy - 0.005), both: simulation(2_890, accuracy) },
    breakEvenAccuracy: 0.633,
    breakEven: { accuracy: 0.633, tradedAccuracy: accuracy + 0.04, meanMoveBps: 56.3, meanCostBps: 15 },
    byTier: [
      group('high', 1_754, accuracy + 0.11),
      group('medium', 1_136, accuracy + 0.03),
      group('low', 3_459, accuracy - 0.08),
    ],
    bySession: [group('tokyo', 2_117, accuracy - 0.01), group('london', 2_116, accuracy + 0.02), group('new_york', 2_116, accuracy)],
    byMonth: [group('2025-05', 2_160, accuracy + 0.012), group('2025-06', 4_189, accuracy - 0.006)],
    ...changes,
  };
}

export function aModel(changes: Partial<ModelResult> = {}): ModelResult {
  const symbol = changes.symbol ?? 'ETH-SIM';
  return {
    symbol,
    model: `lstm_${symbol}_1m_demo.pt`,
    modelSha256: '9f'.repeat(32),
    dataFiles: [{ file: `${symbol}_1m_2025-01-06_2025-02-04.parquet`, sha256: '3c'.repeat(32) }],
    featureSet: 'v2-50',
    alignment: 'causal',
    leaky: false,
    split: 'test',
    assumed: [],
    warnings: [],
    dropped: { incompleteWindows: 0, windowsAcrossGaps: 0, embargoRows: 75 },
    evaluation: anEvaluation(),
    gate: {
      accuracyPassed: true,
      calibrationPassed: true,
      passed: true,
      verdict: 'PROMOTE',
      reasons: [
        'Accuracy 72.8 % reaches the gate of 68.0 % (95 % interval 69.7 to 75.9 %; 6,349 windows, worth 792 independent ones).',
        'Calibration error 2.4 % is within the gate of 5.0 %.',
      ],
    },
    checks: {
      shuffledLabels: { shifts: 1_000, pValue: 0.001, suspect: false },
      barLag: { accuracy: 0.728, laggedAccuracy: 0.719, baseline: 0.588, edgeLost: 0.064, suspect: false },
    },
    engine: 'onnx cpu',
    precision: 'fp32',
    seconds: 4.25,
    windowsPerSecond: 1_493.9,
    ...changes,
  };
}

/** Fails the accuracy gate; nothing was checked, since nothing passed. */
export function aFailingModel(changes: Partial<ModelResult> = {}): ModelResult {
  return aModel({
    symbol: 'SOL-SIM',
    evaluation: anEvaluation({ accuracy: 0.478, calibrationError: 0.131 }),
    gate: {
      accuracyPassed: false,
      calibrationPassed: false,
      passed: false,
      verdict: 'RETRAIN',
      reasons: ['Accuracy 47.8 % misses the gate of 68.0 %.', 'Calibration error 13.1 % exceeds the gate of 5.0 %.'],
    },
    checks: {},
    ...changes,
  });
}

/** Passes both gates on features that see the future. */
export function aLeakyModel(changes: Partial<ModelResult> = {}): ModelResult {
  return aModel({
    symbol: 'BTC-USD',
    alignment: 'legacy',
    leaky: true,
    assumed: ['feature set v2-50, from 50 inputs', 'horizon 15'],
    warnings: ['13 gaps in the candles, the longest 41 minutes'],
    gate: { accuracyPassed: true, calibrationPassed: true, passed: false, verdict: 'SUSPECT', reasons: ['LEAKY: the features could see up to 59 minutes of the future.'] },
    causalRescore: { accuracy: 0.513, interval: { low: 0.488, high: 0.537 }, calibrationError: 0.142, windows: 6_349 },
    ...changes,
  });
}

/** One class only, no trade, one window in each of few bins: all that can be absent is. */
export function aBareModel(changes: Partial<ModelResult> = {}): ModelResult {
  const full = anEvaluation({ accuracy: 0.5, calibrationError: 0.2 });
  return aFailingModel({
    symbol: 'XRP-USD',
    evaluation: {
      ...without(full, 'coverageAtGate', 'breakEvenAccuracy', 'breakEven'),
      windows: 40,
      classification: without(full.classification, 'auc'),
      baselines: { majorityAccuracy: 1, best: 1 },
      calibration: { ...full.calibration, bins: full.calibration.bins.slice(4, 5) },
      coverage: [{ coverage: 1, confidence: 0.51, accuracy: 0.5, windows: 40 }],
      trades: { original: noTrades, both: noTrades },
      byTier: [{ name: 'low', windows: 40, accuracy: 0.5, baseRate: 1, calibrationError: 0.2 }],
      bySession: [],
      byMonth: [{ name: '2025-05', windows: 40, accuracy: 0.5, baseRate: 1, calibrationError: 0.2 }],
    },
    ...changes,
  });
}

/** Trades, and moves less than trading costs: no accuracy breaks even. */
export function aCostlyModel(): ModelResult {
  const full = anEvaluation();
  return aModel({ evaluation: { ...without(full, 'breakEvenAccuracy'), breakEven: { tradedAccuracy: 0.768, meanMoveBps: 9.1, meanCostBps: 15 } } });
}

export function aRun(changes: Partial<RunResult> = {}): RunResult {
  return {
    startedAt: Date.UTC(2025, 5, 7, 9, 30, 12),
    crpbotVersion: '0.1.0',
    options: { models: ['models/sample'], candles: ['data/sample'], split: 'test', spreadBps: 12, slippageBps: 3, check: false },
    gates: { accuracy: 0.68, calibration: 0.05 },
    models: [aModel(), aFailingModel(), aLeakyModel()],
    pooled: {
      models: 3,
      windows: 19_047,
      accuracy: 0.645,
      interval: { low: 0.621, high: 0.668 },
      effectiveSamples: 1_530,
      baselineAccuracy: 0.588,
      calibrationError: 0.047,
    },
    warnings: [],
    ...changes,
  };
}

export function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}

const noTrades: TradeSimulation = {
  trades: 0,
  wins: 0,
  losses: 0,
  totalPnl: 0,
  maxDrawdown: 0,
  meanDrawdown: 0,
  latencyPenalisedPnl: 0,
  finalBalance: 10_000,
  netReturn: 0,
  byTier: [],
  bySession: [],
  equity: { time: [], balance: [] },
};

function simulation(trades: number, winRate: number): TradeSimulation {
  const wins = Math.round(trades * winRate);
  const points = Math.min(trades, 2_000);
  const meanPnl = (winRate - 0.633) * 1.1;
  const balance = Array.from({ length: points }, (_, index) => 10_000 + ((index + 1) / points) * trades * meanPnl + 6 * Math.sin(index / 40));
  const finalBalance = 10_000 + trades * meanPnl;
  return {
    trades,
    wins,
    losses: trades - wins,
    winRate,
    totalPnl: finalBalance - 10_000,
    meanPnl,
    maxDrawdown: 0.0021,
    meanDrawdown: 0.0004,
    sharpe: 4.3 * Math.sign(meanPnl),
    brier: 0.19,
    tierCalibrationError: 0.07,
    latencyPenalisedPnl: finalBalance - 10_000,
    finalBalance,
    netReturn: finalBalance / 10_000 - 1,
    byTier: [tradeGroup('high', wins, 0.05), tradeGroup('medium', trades - wins, -0.04)],
    bySession: [tradeGroup('tokyo', wins, 0.02), tradeGroup('new_york', trades - wins, 0.01)],
    equity: { time: balance.map((_, index) => firstMinute + Math.round((index / points) * 6_348) * minute), balance },
  };
}

function tradeGroup(name: string, trades: number, meanPnl: number): TradeGroup {
  return { name, trades, winRate: 0.6, totalPnl: trades * meanPnl, meanPnl };
}

function group(name: string, windows: number, accuracy: number): GroupFigures {
  return { name, windows, accuracy, interval: { low: accuracy - 0.045, high: accuracy + 0.043 }, baseRate: 0.508, calibrationError: 0.034 };
}
