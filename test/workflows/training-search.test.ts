import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/random.js';
import type { EpochRecord } from '../../src/training/training-result.js';
import { diagnose, type Diagnosis } from '../../src/workflows/training/diagnose.js';
import { propose, startingPoint, type TrialSettings } from '../../src/workflows/training/propose.js';
import { searchSettings, type SearchOptions } from '../../src/workflows/training/search.js';
import type { TrainedModel, ValidationFigures } from '../../src/workflows/training/train-model.js';

const gates = { accuracy: 0.68, calibration: 0.05 };

function epochs(...losses: readonly (readonly [training: number, validation: number])[]): EpochRecord[] {
  return losses.map(([trainingLoss, validationLoss], index) => ({ epoch: index + 1, trainingLoss, validationLoss, trainingAccuracy: 0.6, validationAccuracy: 0.6, learningRate: 1e-3, largestGradient: 1 }));
}

function figures(accuracy: number, calibrationError: number, logLoss = 0.65): ValidationFigures {
  return { symbol: 'BTC-SIM', accuracy, calibrationError, logLoss, baseline: 0.52, windows: 6000 };
}

/** What a training would return that reached these figures. */
function trained(validation: ValidationFigures, curve = epochs([0.66, 0.65])): TrainedModel {
  const best = curve.reduce((least, epoch) => (epoch.validationLoss < least.validationLoss ? epoch : least));
  return { symbol: 'BTC-SIM', model: 'tcn', files: [], best, curve, stopped: 'epochs', resumedAfter: 0, validation: [validation], trials: 1, seed: 1, engine: 'none', seconds: 10 };
}

describe('what a trial lacks', () => {
  it.each<[string, Diagnosis, ValidationFigures, EpochRecord[]]>([
    ['accurate and calibrated', 'passes', figures(0.7, 0.03), epochs([0.6, 0.6])],
    ['accurate, probabilities off', 'miscalibrated', figures(0.7, 0.08), epochs([0.6, 0.6])],
    ['no better than its baseline', 'no-skill', figures(0.53, 0.02), epochs([0.69, 0.69])],
    ['no better than its baseline, but better on its training rows', 'over-fit', figures(0.53, 0.02), epochs([0.6, 0.69])],
    ['skilful, training loss far below validation', 'over-fit', figures(0.62, 0.02), epochs([0.6, 0.65])],
    ['skilful, still falling when it ended', 'under-fit', figures(0.62, 0.02), epochs([0.68, 0.67], [0.66, 0.65])],
    ['skilful, arrived, not enough', 'below-gate', figures(0.62, 0.02), epochs([0.655, 0.65], [0.652, 0.65])],
  ])('%s: %s', (_, expected, validation, curve) => {
    expect(diagnose(trained(validation, curve), gates, 15)).toBe(expected);
  });
});

describe('the next settings', () => {
  const space = { models: ['tcn', 'lstm'], featureSets: ['v2-50', 'v1-31'] } as const;

  it('are never ones that were tried, differ from the best in what is said, and stay trainable', () => {
    fc.assert(
      fc.property(fc.constantFrom<Exclude<Diagnosis, 'passes'>>('no-skill', 'over-fit', 'under-fit', 'miscalibrated', 'below-gate'), fc.nat(), (diagnosis, seed) => {
        const random = createRandom(seed);
        const tried: TrialSettings[] = [startingPoint('tcn', 'v2-50', {})];
        for (let step = 0; step < 12; step++) {
          const next = propose(tried[tried.length - 1], diagnosis, tried, space, random);
          if (next === undefined) return;
          expect(tried).not.toContainEqual(next.settings);
          expect(next.change).not.toBe('');
          const { training, width, layers, model } = next.settings;
          expect(training.dropout).toBeGreaterThanOrEqual(0);
          expect(training.dropout).toBeLessThan(1);
          expect(training.learningRate).toBeGreaterThan(0);
          expect([width > 0, layers >= 1, layers <= (model === 'tcn' ? 9 : 4), training.epochs >= 2]).toEqual([true, true, true, true]);
          tried.push(next.settings);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('answer an over-fitted model with restraint: less to fit, or less freedom', () => {
    const start = startingPoint('tcn', 'v2-50', {});
    for (let seed = 0; seed < 40; seed++) {
      const next = propose(start, 'over-fit', [start], { models: ['tcn'], featureSets: ['v2-50'] }, createRandom(seed));
      const { training, width, layers } = next!.settings;
      const restrained = training.dropout > start.training.dropout || training.weightDecay > start.training.weightDecay || width < start.width || layers < start.layers || training.epochs < start.training.epochs;
      expect(restrained, next!.change).toBe(true);
    }
  });
});

describe('the search', () => {
  const options = (train: SearchOptions['train'], more: Partial<SearchOptions> = {}): SearchOptions => ({
    start: startingPoint('tcn', 'v2-50', {}),
    space: { models: ['tcn'], featureSets: ['v2-50'] },
    gates,
    horizon: 15,
    seed: 3,
    mostTrials: 8,
    timeFor: () => true,
    train,
    ...more,
  });

  it('ends with the first model that passes on validation, and keeps that one', async () => {
    const results = [figures(0.55, 0.02, 0.68), figures(0.62, 0.02, 0.64), figures(0.69, 0.03, 0.66)];
    const search = await searchSettings(options((_, number) => Promise.resolve(trained(results[number - 1]))));
    expect([search.ended, search.trials.length, search.best]).toEqual(['passed', 3, 2]);
  });

  it('changes the best so far, not the last, and says what it answers', async () => {
    const results = [figures(0.62, 0.02, 0.64), figures(0.6, 0.02, 0.66), figures(0.61, 0.02, 0.65)];
    const tried: TrialSettings[] = [];
    const search = await searchSettings(options((settings, number) => (tried.push(settings), Promise.resolve(trained(results[number - 1]))), { mostTrials: 3 }));
    expect([search.ended, search.best]).toEqual(['trials', 0]);
    for (const { answers, change } of search.trials.slice(1)) expect([answers, change !== undefined]).toEqual([search.trials[0].diagnosis, true]);
  });

  it('goes on from the best when a later try fails, which counts as a try', async () => {
    const failed: string[] = [];
    const tried: TrialSettings[] = [];
    const search = await searchSettings(options((settings, number) => {
      tried.push(settings);
      return number === 2 ? Promise.reject(new Error('loss is not a number')) : Promise.resolve(trained(figures(0.6, 0.02)));
    }, { mostTrials: 4, onFailed: ({ number, change, error }) => failed.push(`${number} ${change === undefined} ${error.message}`) }));
    expect([search.ended, search.trials.map(({ number }) => number)]).toEqual(['trials', [1, 3, 4]]);
    expect(failed).toEqual(['2 false loss is not a number']);
    expect(search.failed.map(({ number }) => number)).toEqual([2]);
    expect(new Set(tried.map((each) => JSON.stringify(each))).size).toBe(4);
  });

  it('keeps the best when try after try fails, and does not go on for ever', async () => {
    const search = await searchSettings(options((_, number) => (number === 1 ? Promise.resolve(trained(figures(0.6, 0.02))) : Promise.reject(new Error('the disk is full')))));
    expect([search.ended, search.trials.length, search.failed.length, search.best]).toEqual(['failing', 1, 3, 0]);
  });

  it('fails with its first try, and stops when it is told to', async () => {
    await expect(searchSettings(options(() => Promise.reject(new Error('no data'))))).rejects.toThrow('no data');
    const stopped = new DOMException('stopped', 'AbortError');
    await expect(searchSettings(options((_, number) => (number === 1 ? Promise.resolve(trained(figures(0.6, 0.02))) : Promise.reject(stopped))))).rejects.toBe(stopped);
  });

  it('ends when no time is left for another, and drops the one that was stopped', async () => {
    const noTime = await searchSettings(options(() => Promise.resolve(trained(figures(0.6, 0.02))), { timeFor: () => false }));
    expect([noTime.ended, noTime.trials.length]).toEqual(['budget', 1]);
    const stopped = await searchSettings(options((_, number) => Promise.resolve(number === 1 ? trained(figures(0.6, 0.02)) : undefined)));
    expect([stopped.ended, stopped.trials.length]).toEqual(['budget', 1]);
  });
});
