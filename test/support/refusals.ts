import { expect } from 'vitest';
import { InputError } from '../../src/errors.js';

/** What `body` refuses. Fails where it returns, or throws anything but an InputError with a hint. */
export function refusalOf(body: () => unknown): InputError {
  try {
    body();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.hint).toBeTruthy();
    return error;
  }
  throw new Error('nothing was refused');
}
