import { InputError } from '../errors.js';
import { COSINE_RESTARTS, type Schedule } from './learning-rate.js';

/** How a model is trained: plain numbers, so that a trial can be recorded and told from another. */
export interface TrainingSettings {
  readonly seed: number;
  /** At most; early stopping may end sooner. */
  readonly epochs: number;
  readonly batchSize: number;
  /** An epoch takes every n-th example, the next one the examples after those. Windows a row apart are nearly the same: an epoch of all is many in one. */
  readonly stride: number;
  /** The highest of the schedule. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** AdamW's decoupled decay, of every parameter. */
  readonly weightDecay: number;
  /** A gradient longer than this is shortened to it. */
  readonly clipNorm: number;
  /** Share of units set to zero, [0, 1). */
  readonly dropout: number;
  /** What an up row counts against a down row (`pos_weight`): 1 both the same. */
  readonly positiveWeight: number;
  /** Epochs without a better validation log loss after which it stops. */
  readonly patience: number;
  /** Half precision in matrix products, with loss scaling. Absent: float32 throughout. */
  readonly precision?: 'mixed';
}

/** The original's, where it says them. */
export const DEFAULT_SETTINGS: TrainingSettings = {
  seed: 1,
  epochs: 50,
  batchSize: 32,
  stride: 1,
  learningRate: 1e-3,
  schedule: COSINE_RESTARTS,
  weightDecay: 0.01,
  clipNorm: 1,
  dropout: 0.3,
  positiveWeight: 1,
  patience: 7,
};

/** @throws InputError `bad-training-setting`, naming it and its value. */
export function checkSettings(settings: TrainingSettings): void {
  const whole = (least: number): Rule => [(value) => Number.isSafeInteger(value) && value >= least, `a whole number >= ${least}`];
  const positive: Rule = [(value) => value > 0 && Number.isFinite(value), 'a number > 0'];
  const rules: readonly (readonly [keyof TrainingSettings, Rule])[] = [
    ['seed', whole(0)],
    ['epochs', whole(1)],
    ['batchSize', whole(1)],
    ['stride', whole(1)],
    ['learningRate', positive],
    ['weightDecay', [(value) => value >= 0 && Number.isFinite(value), 'a number >= 0']],
    ['clipNorm', [(value) => value > 0, 'a number > 0 (Infinity: gradients are left as they are)']],
    ['dropout', [(value) => value >= 0 && value < 1, 'in [0, 1)']],
    ['positiveWeight', positive],
    ['patience', whole(1)],
  ];
  for (const [name, [isGood, expected]] of rules) {
    const value = settings[name] as number;
    if (isGood(value)) continue;
    throw new InputError(`${name} must be ${expected}, not ${value}`, { code: 'bad-training-setting', hint: `give ${name} ${expected}; the default is ${DEFAULT_SETTINGS[name] as number}` });
  }
}

type Rule = readonly [isGood: (value: number) => boolean, expected: string];
