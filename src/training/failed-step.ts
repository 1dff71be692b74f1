import { exhaustion } from '../engines/tensorflow/memory-exhausted.js';
import { InputError, isExpectedError, SetupError } from '../errors.js';
import type { TrainingExamples } from './training-examples.js';

/** Where a training stood when a step failed. */
export interface FailedStep {
  /** From 1. */
  readonly epoch: number;
  /** From 1, in its epoch. */
  readonly batch: number;
  /** The last state written; absent where none is kept. */
  readonly stateFile?: string | undefined;
  /** In mixed precision, whose float16 ends at 65,504. */
  readonly mixed?: boolean;
}

/** The value most likely to have made a batch's loss NaN. */
export interface SuspiciousValue {
  readonly feature: number;
  readonly row: number;
  readonly value: number;
}

/** The first value of a batch's rows that is not finite, else the one furthest from 0. */
export function suspiciousValue({ rows, featureCount, ends, length }: TrainingExamples, batch: Int32Array): SuspiciousValue {
  let worst: SuspiciousValue = { feature: 0, row: ends[batch[0]], value: 0 };
  for (const example of batch) {
    for (let row = ends[example] - length + 1; row <= ends[example]; row++) {
      for (let feature = 0; feature < featureCount; feature++) {
        const value = rows[row * featureCount + feature];
        if (!Number.isFinite(value)) return { feature, row, value };
        if (Math.abs(value) > Math.abs(worst.value)) worst = { feature, row, value };
      }
    }
  }
  return worst;
}

/** `what` is no longer a number: the step is not taken. */
export function divergedError(what: 'loss' | 'gradient' | 'validation loss', step: FailedStep, examples: TrainingExamples, batch: Int32Array, columns: readonly string[] | undefined): InputError {
  const { feature, row, value } = suspiciousValue(examples, batch);
  const column = columns?.[feature] ?? `${feature} (from 0)`;
  const kept = step.stateFile === undefined ? '' : `; the last good epoch is kept in ${step.stateFile}`;
  return new InputError(`the ${what} is not a number at batch ${step.batch} of epoch ${step.epoch}; its most suspicious value is ${value}, in column ${column}, row ${row} of the scaled matrix${kept}`, {
    code: 'training-diverged',
    place: { row, column },
    hint: `${Math.abs(value) < 100 ? 'give a lower learning rate (--learning-rate)' : 'check that column of the features: scaled values beyond 100 are rarely meant'}${step.mixed === true ? ', or train with --precision fp32' : ''}`,
  });
}

/** What a step threw, in words: exhausted memory as such, anything else as it came. `validating`: in the validation after that epoch. */
export function stepError(cause: unknown, step: FailedStep, batchSize: number, validating = false): unknown {
  const what = isExpectedError(cause) ? undefined : exhaustion(cause);
  if (what === undefined) return cause;
  const kept = step.stateFile === undefined ? '' : `; nothing is lost: all epochs before are in ${step.stateFile}`;
  return new SetupError(`${what} ${validating ? 'in the validation after' : `at batch ${step.batch} of`} epoch ${step.epoch}, with ${batchSize} examples a batch${kept}`, {
    code: 'device-memory-exhausted',
    hint: `give a smaller batch (--batch ${Math.max(1, Math.floor(batchSize / 2))}), or end what else uses the device`,
    cause,
  });
}
