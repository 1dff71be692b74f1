import { evaluateWindows } from '../../src/evaluation/evaluate-windows.js';
import { pairedLogLoss } from '../../src/evaluation/paired-log-loss.js';
import { simulateTrades } from '../../src/evaluation/trades.js';
import type { ComparedModel, Comparison } from '../../src/report/comparison/comparison.js';
import { scoredMarket } from '../evaluation/simulated.js';

/** Two models of one market: a baseline, and one that knows a little more. */
export function aComparison(): Comparison {
  const costsBps = [0, 5, 10, 20, 30];
  const market = scoredMarket(3000, 0.3, 1);
  const better = { ...market, probability: market.probability.map((p, index) => Math.min(0.99, Math.max(0.01, p + 0.1 * (market.label[index] - 0.5)))) };
  const model = (scored: typeof market, rest: Pick<ComparedModel, 'name' | 'model' | 'bytes' | 'windowsPerSecond'> & Partial<ComparedModel>): ComparedModel => ({
    modelSha256: 'a'.repeat(64),
    featureSet: 'v2-50',
    alignment: 'causal',
    leaky: false,
    seenInTraining: false,
    scored,
    evaluation: evaluateWindows(scored, { resamples: 200 }),
    netReturns: costsBps.map((cost) => simulateTrades(scored, { sides: 'both', spreadBps: cost, slippageBps: 0 }).netReturn),
    engine: 'onnx-cpu',
    seconds: 1,
    assumed: [],
    warnings: [],
    ...rest,
  });
  return {
    startedAt: Date.UTC(2026, 0, 1),
    crpbotVersion: '0.1.0',
    source: 'models with candles',
    costsBps,
    symbols: [{
      symbol: 'AAA-USD',
      reference: 'logistic',
      windows: 3000,
      left: 12,
      models: [
        model(market, { name: 'logistic', model: 'logistic_AAA_USD_1m_1.onnx', bytes: 3644, windowsPerSecond: 50_000 }),
        model(better, { name: 'lstm', model: 'lstm_AAA_USD_1m_2.pt', bytes: 4_041_225, windowsPerSecond: 250, against: pairedLogLoss(better, market), seenInTraining: true, assumed: ['alignment causal'], warnings: ['its file says it was trained on later rows <b>'] }),
      ],
    }],
    warnings: [],
  };
}
