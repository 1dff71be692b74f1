import { CANDLE_COLUMNS, MINUTE_MS } from '../../candles/candles.js';
import { checkCandles } from '../../candles/check-candles.js';
import type { Gap } from '../../candles/gaps.js';
import { InputError } from '../../errors.js';

/** One closed 1-minute candle: open time in ms, prices in quote currency, volume in base currency. */
export interface LiveCandle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What becomes of a candle that arrives. Only an accepted one changes anything. */
export type CandleAnswer =
  /** The next one. `gap`: the minutes between the newest and it that have no candle; they are not made up. */
  | { readonly status: 'accepted'; readonly gap?: Gap }
  /** The newest one again, with the same values. */
  | { readonly status: 'duplicate' }
  /** The newest minute again, with other values: `accepted` stays in force; the stream does not go back. */
  | { readonly status: 'revised'; readonly accepted: LiveCandle; readonly changed: readonly (typeof CANDLE_COLUMNS)[number][] }
  /** Older than the newest by so many minutes: its row has passed, with or without it. */
  | { readonly status: 'late'; readonly newest: number; readonly minutesLate: number }
  /** Not a candle, or not closed yet: `code` as `checkCandles` has it, or `candle-not-closed`. */
  | { readonly status: 'invalid'; readonly code: string; readonly problem: string; readonly hint?: string };

/**
 * Judges a candle that arrives after `newest` (undefined: it is the first). Never throws for what is in the candle.
 * @param now ms since the epoch; where given, a candle whose minute has not passed is invalid.
 */
export function acceptCandle(newest: LiveCandle | undefined, candle: LiveCandle, now = Infinity): CandleAnswer {
  const offence = offenceOf(candle, now);
  if (offence !== undefined) return offence;
  if (newest === undefined) return { status: 'accepted' };
  if (candle.time < newest.time) return { status: 'late', newest: newest.time, minutesLate: (newest.time - candle.time) / MINUTE_MS };
  if (candle.time === newest.time) {
    const changed = CANDLE_COLUMNS.filter((column) => candle[column] !== newest[column]);
    return changed.length === 0 ? { status: 'duplicate' } : { status: 'revised', accepted: newest, changed };
  }
  const minutes = (candle.time - newest.time) / MINUTE_MS - 1;
  if (minutes === 0) return { status: 'accepted' };
  return { status: 'accepted', gap: { from: newest.time + MINUTE_MS, to: candle.time - MINUTE_MS, minutes } };
}

function offenceOf(candle: LiveCandle, now: number): CandleAnswer | undefined {
  try {
    const { time, open, high, low, close, volume } = candle;
    const column = (value: unknown): Float64Array => Float64Array.of(typeof value === 'number' ? value : NaN);
    checkCandles({ symbol: '', time: column(time), open: column(open), high: column(high), low: column(low), close: column(close), volume: column(volume) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message: problem, hint } = error;
    return { status: 'invalid', code, problem, ...(hint !== undefined && { hint }) };
  }
  if (candle.time + MINUTE_MS <= now) return undefined;
  return {
    status: 'invalid',
    code: 'candle-not-closed',
    problem: `the minute of ${new Date(candle.time).toISOString()} has not passed by ${new Date(now).toISOString()}`,
    hint: 'push closed candles only, and check the clock',
  };
}
