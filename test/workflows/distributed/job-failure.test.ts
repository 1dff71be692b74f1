import { expect, it } from 'vitest';
import { InputError, SetupError, TemporaryError } from '../../../src/errors.js';
import { toPlainError } from '../../../src/plain-error.js';
import { readFailure, writeFailure } from '../../../src/workflows/distributed/job-failure.js';

const carried = (error: unknown) => readFailure(writeFailure(toPlainError(error)), 'BTC-USD');

it.each([
  new InputError('a bad row', { code: 'bad-row', place: { file: 'a.parquet', row: 0, column: 'close' }, hint: 'mend it' }),
  new SetupError('no library', { code: 'package-missing' }),
  new TemporaryError('the share is away', { code: 'share-away', hint: 'wait' }),
])('$name comes back with message, code, place and hint', (error) => {
  const back = carried(error);
  expect(back).toBeInstanceOf(error.constructor);
  expect({ ...back, message: back.message }).toEqual({ ...error, message: error.message });
});

it('what was not expected keeps where it happened', () => {
  const back = carried(new TypeError('x is undefined'));
  expect(back.message).toBe('x is undefined');
  expect(back.stack).toContain('job-failure.test.ts');
});

it.each(['job stalled more than allowable limit', '{"unfinished', 'null', '7', ''])("the queue's own words (%j) mean that the workers were lost", (reason) => {
  expect(readFailure(reason, 'BTC-USD')).toMatchObject({ name: 'TemporaryError', code: 'worker-lost' });
});
