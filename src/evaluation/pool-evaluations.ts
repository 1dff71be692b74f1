import { InputError } from '../errors.js';
import { computeBaselines } from './baselines.js';
import { bootstrapPooledAccuracy } from './bootstrap.js';
import { calibrationError } from './calibration.js';
import { checkScored } from './check-scored.js';
import { correctness } from './classification.js';
import { STREAMS, requireResamples } from './evaluate-windows.js';
import type { PooledResult } from './evaluation.js';
import { createRandom } from '../random.js';
import type { ScoredWindows } from './scored-windows.js';

export interface PoolOptions {
  /** 1 by default. */
  readonly seed?: number;
  /** 2,000 by default. */
  readonly resamples?: number;
}

/**
 * All models' windows as one, every window counting the same.
 * @throws InputError `no-windows` for an empty list, what `checkScored` throws, and `bad-option`.
 */
export function poolEvaluations(models: readonly ScoredWindows[], { seed = 1, resamples = 2000 }: PoolOptions = {}): PooledResult {
  if (models.length === 0) throw new InputError('there is no model to pool', { code: 'no-windows', hint: 'give at least one model' });
  models.forEach(checkScored);
  requireResamples(resamples);
  const windows = models.reduce((sum, model) => sum + model.label.length, 0);
  const probability = new Float64Array(windows);
  const label = new Uint8Array(windows);
  let offset = 0;
  let baselineRight = 0;
  for (const model of models) {
    probability.set(model.probability, offset);
    label.set(model.label, offset);
    offset += model.label.length;
    baselineRight += computeBaselines(model).best * model.label.length;
  }
  const right = correctness(probability, label).reduce((sum, value) => sum + value, 0);
  const { interval, effectiveSamples } = bootstrapPooledAccuracy(
    models.map((model) => ({ time: model.time, correct: correctness(model.probability, model.label) })),
    { horizon: Math.max(...models.map((model) => model.horizon)), resamples, random: createRandom(seed, STREAMS.pooled) },
  );
  return {
    models: models.length,
    windows,
    accuracy: right / windows,
    interval,
    effectiveSamples,
    baselineAccuracy: baselineRight / windows,
    calibrationError: calibrationError(probability, label),
  };
}
