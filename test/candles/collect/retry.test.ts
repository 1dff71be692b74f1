import { describe, expect, it } from 'vitest';
import { AnswerFailure, retryAfterMs } from '../../../src/candles/collect/answer-failure.js';
import { withRetries } from '../../../src/candles/collect/retry.js';
import { createRandom } from '../../../src/random.js';

function patience() {
  const waits: number[] = [];
  return { waits, sleep: (ms: number) => { waits.push(ms); return Promise.resolve(); }, random: createRandom(5) };
}

const failing = (times: number, failure: Error) => () => (times-- > 0 ? Promise.reject(failure) : Promise.resolve('answer'));

describe('asking again', () => {
  it('waits twice as long each time, half of it at random', async () => {
    const { waits, ...rest } = patience();
    await expect(withRetries('x', failing(7, new AnswerFailure('busy')), rest)).resolves.toBe('answer');
    expect(waits).toHaveLength(7);
    waits.forEach((ms, index) => {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** index);
      expect(ms).toBeLessThan(500 * 2 ** index);
    });
    expect(new Set(waits.map((ms, index) => ms / 2 ** index)).size).toBe(7);
  });

  it('ends after eight tries, in words of its own', async () => {
    await expect(withRetries('candles of BTC-USD', failing(8, new AnswerFailure('busy')), patience())).rejects.toMatchObject({ name: 'TemporaryError', code: 'exchange-unavailable', message: 'candles of BTC-USD: busy (asked 8 times)' });
  });

  it('never returns before the exchange said', async () => {
    const { waits, ...rest } = patience();
    await withRetries('x', failing(2, new AnswerFailure('slow down', { retryAfterMs: 7000 })), rest);
    expect(waits).toEqual([7000, 7000]);
  });

  it('passes on at once what asking again cannot mend', async () => {
    const { waits, ...rest } = patience();
    await expect(withRetries('x', failing(1, new RangeError('mistake')), rest)).rejects.toThrow(RangeError);
    expect(waits).toEqual([]);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.UTC(2024, 0, 1);
    expect(retryAfterMs('3', now)).toBe(3000);
    expect(retryAfterMs('Mon, 01 Jan 2024 00:00:10 GMT', now)).toBe(10_000);
    expect(retryAfterMs('Sun, 31 Dec 2023 23:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs(undefined, now)).toBeUndefined();
  });
});
