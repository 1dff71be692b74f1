import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crossValidationLines } from '../../../src/cli/cross-validation-lines.js';
import { crossValidation, writeCrossValidation } from '../../../src/workflows/training/cross-validation.js';
import type { TrainOutcome } from '../../../src/workflows/training/train-processes.js';

function outcome(fold: number, seed: number, logLoss: number | Error): TrainOutcome {
  const task = { symbols: [{ symbol: 'BTC-SIM', candles: [], features: [] }], model: 'tcn', settings: { seed }, fold: { kind: 'walk-forward', folds: 2, fold } } as unknown as TrainOutcome['task'];
  if (logLoss instanceof Error) return { task, error: logLoss };
  return { task, model: { validation: [{ symbol: 'BTC-SIM', logLoss, accuracy: 0.6, baseline: 0.5, auc: 0.65, calibrationError: 0.02, windows: 100 }] } as unknown as Extract<TrainOutcome, { model: unknown }>['model'] };
}

it('folds and seeds become one table, with mean and standard deviation of each model', () => {
  const table = crossValidation([outcome(1, 1, 0.6), outcome(1, 2, 0.7), outcome(2, 1, 0.65), outcome(2, 2, new Error('diverged'))])!;
  expect(table.results.map(({ fold, seed, logLoss }) => [fold, seed, logLoss])).toEqual([[1, 1, 0.6], [1, 2, 0.7], [2, 1, 0.65]]);
  expect(table.summary).toHaveLength(1);
  expect(table.summary[0]).toMatchObject({ symbol: 'BTC-SIM', model: 'tcn', results: 3 });
  expect(table.summary[0].logLoss.mean).toBeCloseTo(0.65, 12);
  expect(table.summary[0].logLoss.deviation).toBeCloseTo(0.05, 12);
  expect(table.failed).toEqual([{ symbol: 'BTC-SIM', model: 'tcn', fold: 2, seed: 2, error: 'diverged' }]);

  const folder = mkdtempSync(join(tmpdir(), 'crpbot-folds-'));
  const [csv, json] = writeCrossValidation(folder, table);
  expect(readFileSync(csv, 'utf8').split('\n').slice(0, 2)).toEqual(['symbol,model,fold,seed,log_loss,accuracy,baseline,auc,calibration_error,windows', 'BTC-SIM,tcn,1,1,0.6,0.6,0.5,0.65,0.02,100']);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(table);
  rmSync(folder, { recursive: true });

  const lines = crossValidationLines(table);
  expect(lines[1]).toMatch(/^BTC-SIM {2}tcn +1 +1 +0\.6000 +60\.0 % +50\.0 % +0\.650 +100$/);
  expect(lines.join('\n')).toContain('0.6500 ± 0.0500');
  expect(lines.at(-1)).toBe('1 ended in an error and are not in the figures');
});

it('models that are no folds have no such table, and one result has no deviation', () => {
  expect(crossValidation([])).toBeUndefined();
  expect(crossValidation([outcome(1, 1, 0.6)])!.summary[0].logLoss).toEqual({ mean: 0.6 });
});
