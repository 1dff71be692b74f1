import { isExpectedError } from '../../src/errors.js';
import { mutate } from './mutate.js';
import type { FuzzTarget } from './target.js';

/** An attempt that takes longer is a finding: input must not be able to hang the program. */
export const SLOWEST_ATTEMPT = 5000;

export interface Attempt {
  readonly outcome: 'accepted' | 'refused' | 'finding';
  /** ms. */
  readonly time: number;
  /** Of a finding. */
  readonly message?: string;
}

/** One damaged input through one reader. */
export async function attempt(target: FuzzTarget, seeds: readonly Uint8Array[], seed: number, run: number): Promise<Attempt> {
  const bytes = mutate(seeds, seed, run);
  const started = performance.now();
  let outcome: Attempt['outcome'] = 'accepted';
  let message: string | undefined;
  try {
    await target.attempt(bytes);
  } catch (error) {
    outcome = isExpectedError(error) ? 'refused' : 'finding';
    if (outcome === 'finding') message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const time = performance.now() - started;
  if (time > SLOWEST_ATTEMPT) return { outcome: 'finding', time, message: `took ${Math.round(time)} ms` };
  return message === undefined ? { outcome, time } : { outcome, time, message };
}
