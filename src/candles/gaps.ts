import type { Candles } from './candles.js';
import { MINUTE_MS } from './candles.js';

/** Consecutive minutes without a candle. */
export interface Gap {
  /** Open time of the first missing minute, ms. */
  readonly from: number;
  /** Open time of the last missing minute, ms. */
  readonly to: number;
  readonly minutes: number;
}

export interface Gaps {
  readonly count: number;
  readonly missingMinutes: number;
  /** Minutes of the longest gap; 0 without gaps. */
  readonly longestMinutes: number;
  readonly list: readonly Gap[];
}

/** The minutes that are absent between the first and the last candle. They are reported, never filled. */
export function findGaps(candles: Candles): Gaps {
  const { time } = candles;
  const list: Gap[] = [];
  let missingMinutes = 0;
  let longestMinutes = 0;
  for (let row = 1; row < time.length; row++) {
    const before = time[row - 1];
    const after = time[row];
    const minutes = (after - before) / MINUTE_MS - 1;
    if (minutes === 0) continue;
    list.push({ from: before + MINUTE_MS, to: after - MINUTE_MS, minutes });
    missingMinutes += minutes;
    longestMinutes = Math.max(longestMinutes, minutes);
  }
  return { count: list.length, missingMinutes, longestMinutes, list };
}
