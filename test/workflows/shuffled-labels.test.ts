import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type * as Labels from '../../src/datasets/labels.js';
import { splitRows } from '../../src/datasets/split.js';
import { createRandom, randomIndex } from '../../src/random.js';
import { retrain, type RetrainOptions, type RetrainRun } from '../../src/workflows/training/retrain.js';
import { describeWithTensorFlow } from '../support/requirements.js';

/** Undefined: labels as they are. */
const shuffle = vi.hoisted((): { seed: number | undefined } => ({ seed: undefined }));

/** The one place where training and evaluation get their labels from: here they are dealt out anew within train, validation and test. */
vi.mock('../../src/datasets/labels.js', async (original) => {
  const { directionLabels } = await original<typeof Labels>();
  const shuffledLabels: typeof directionLabels = (close, horizon, range) => {
    const labels = directionLabels(close, horizon, range);
    if (shuffle.seed === undefined) return labels;
    const column = directionLabels(close, horizon, { from: 0, to: close.length });
    const random = createRandom(shuffle.seed);
    const { train, validation, test } = splitRows(close.length, 0);
    for (const { from, to } of [train, validation, test]) {
      for (let last = Math.min(to, close.length - horizon) - 1; last > from; last--) {
        const chosen = from + randomIndex(random, last - from + 1);
        [column[last], column[chosen]] = [column[chosen], column[last]];
      }
    }
    return labels.map((label, row) => (Number.isNaN(label) ? NaN : column[range.from + row]));
  };
  return { directionLabels: shuffledLabels };
});

/** In this process, where the labels are shuffled. */
vi.mock('../../src/workflows/training/train-processes.js', async (original) => {
  const { trainModel } = await import('../../src/workflows/training/train-model.js');
  return {
    ...(await original<object>()),
    trainInProcess: (task: Parameters<typeof trainModel>[0], control: object) => trainModel(task, { ...control, now: Date.now }),
  };
});

/**
 * `SHUFFLES=5 npx vitest run test/workflows/shuffled-labels.test.ts`: five shuffles, three tries each at full size, in minutes. Without
 * it one shuffle, two tries of two epochs.
 */
const shuffles = Number(process.env.SHUFFLES ?? 0);
const size: Partial<RetrainOptions> = shuffles > 0 ? { mostTrials: 3 } : { mostTrials: 2, settings: { epochs: 2, batchSize: 16 } };

const folder = mkdtempSync(join(tmpdir(), 'shuffled-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeWithTensorFlow('the retrain loop', () => {
  beforeEach(() => {
    shuffle.seed = undefined;
  });

  const searched = (symbols: readonly string[], name: string): Promise<RetrainRun> =>
    retrain(
      { candles: ['data/sample'], symbols, models: ['tcn'], budgetMinutes: 60, device: 'cpu', processes: 2, ...size, outDir: join(folder, name, 'new'), resultsDir: join(folder, name, 'results') },
      { now: Date.now },
    );

  it.each(Array.from({ length: Math.max(1, shuffles) }, (_, index) => index + 1))('passes nothing where labels are shuffled, seed %i', async (seed) => {
    shuffle.seed = seed;
    const { searches, evaluation } = await searched(['BTC-SIM', 'ETH-SIM'], `shuffled-${seed}`);
    for (const { symbol, ended, trials } of searches) {
      expect([ended, trials.length], symbol).toEqual(['trials', size.mostTrials]);
      for (const { diagnosis, model: { validation: [figures] } } of trials) {
        if (shuffles > 0) process.stdout.write(`seed ${seed} ${symbol} validation accuracy ${figures.accuracy.toFixed(4)} (baseline ${figures.baseline.toFixed(4)}), log loss ${figures.logLoss.toFixed(4)}, calibration error ${figures.calibrationError.toFixed(4)}: ${diagnosis}\n`);
        expect(['no-skill', 'over-fit'], symbol).toContain(diagnosis);
      }
    }
    for (const { symbol, gate, evaluation: { classification: { accuracy }, baselines: { majorityAccuracy, persistenceAccuracy } } } of evaluation.run.models) {
      if (shuffles > 0) process.stdout.write(`seed ${seed} ${symbol} test accuracy ${accuracy.toFixed(4)} (majority ${majorityAccuracy.toFixed(4)}): ${gate.verdict}\n`);
      expect([gate.passed, gate.verdict], symbol).toEqual([false, 'RETRAIN']);
      // Shuffled one by one the labels are independent: five standard errors.
      for (const each of [accuracy, persistenceAccuracy]) expect(each, symbol).toBeLessThan(majorityAccuracy + 0.032);
    }
  }, 3_600_000);

  it('passes the same net on the same candles with their own labels', async () => {
    const { searches, evaluation } = await searched(['ETH-SIM'], 'own');
    expect(searches.map(({ ended }) => ended)).toEqual(['passed']);
    const [{ gate, evaluation: { baselines } }] = evaluation.run.models;
    expect(gate.passed).toBe(true);
    expect(baselines.persistenceAccuracy).toBeGreaterThan(0.65);
  }, 600_000);
});
