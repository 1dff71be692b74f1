import { TemporaryError } from '../../errors.js';
import { fromPlainError, type PlainError } from '../../plain-error.js';

/** A failure as the queue keeps it: the only thing it keeps of an error is its message. */
export function writeFailure(error: PlainError): string {
  return JSON.stringify(error);
}

/** The error that a worker wrote. What no worker wrote comes from the queue itself: the workers were lost. */
export function readFailure(failedReason: string, label: string): Error {
  try {
    const error = JSON.parse(failedReason) as PlainError;
    if (typeof error.message === 'string' && typeof error.name === 'string') return fromPlainError(error);
  } catch {
    // Not JSON: a message of the queue's own, told below.
  }
  return new TemporaryError(`${label}: ${failedReason || 'the queue gives no reason'}`, {
    code: 'worker-lost',
    hint: 'every worker that took this job ended in the middle (killed, or out of memory?): look at their logs, then run again',
  });
}
