import { TemporaryError } from '../../errors.js';
import type { Random } from '../../random.js';
import { AnswerFailure } from './answer-failure.js';

/** Waits `ms`; rejects with the signal's reason when told to stop. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface Patience {
  readonly sleep: Sleep;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

const MOST_TRIES = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/**
 * Asks until an answer comes: up to 8 times, waiting 0.5 s, 1 s, 2 s ... (half of it drawn at random, so that many
 * askers do not return together), and never less than the exchange asked for.
 * @throws TemporaryError `exchange-unavailable` (or the failure's own code) after the last try; at once what is no `AnswerFailure`.
 */
export async function withRetries<T>(what: string, ask: () => Promise<T>, { sleep, random, signal }: Patience): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (failure) {
      if (!(failure instanceof AnswerFailure)) throw failure;
      if (tries >= (failure.mostTries ?? MOST_TRIES)) {
        throw new TemporaryError(`${what}: ${failure.message} (asked ${tries} times)`, {
          code: failure.code ?? 'exchange-unavailable',
          hint: 'what was fetched is stored; run the same command again later and it goes on from there',
          cause: failure,
        });
      }
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
      await sleep(Math.max(wait * (0.5 + 0.5 * random()), failure.retryAfterMs ?? 0), signal);
    }
  }
}

/** Real time. */
export const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    if (signal?.aborted === true) return reject(reasonOf(signal));
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stopped);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stopped, { once: true });
  });

/** Passes `work` on, unless the signal comes first: a request under way cannot be called back, but need not be waited for. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let stopped: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stopped = () => reject(reasonOf(signal));
    signal.addEventListener('abort', stopped, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stopped);
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('stopped');
}
