import { MINUTE_MS } from '../candles.js';

const dayMs = 1440 * MINUTE_MS;

/** One UTC day. */
export interface DayCompleteness {
  /** Its midnight, ms. */
  readonly day: number;
  /** Minutes with a candle. */
  readonly minutes: number;
  /** Minutes it could have: 1440, fewer on the first and the last day. */
  readonly of: number;
}

/** Minutes present of those between the first and the last candle, by day. @param time sorted, one a minute. */
export function completenessByDay(time: Float64Array): readonly DayCompleteness[] {
  if (time.length === 0) return [];
  const [first, end] = [time[0], time[time.length - 1] + MINUTE_MS];
  const days: DayCompleteness[] = [];
  let row = 0;
  for (let day = Math.floor(first / dayMs) * dayMs; day < end; day += dayMs) {
    const from = row;
    while (row < time.length && time[row] < day + dayMs) row++;
    days.push({ day, minutes: row - from, of: Math.round((Math.min(end, day + dayMs) - Math.max(first, day)) / MINUTE_MS) });
  }
  return days;
}
