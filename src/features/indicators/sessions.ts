import type { NamedColumns } from '../named-columns.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1 January 1970 was a Thursday: 3 with Monday as 0. */
const EPOCH_WEEKDAY = 3;

/**
 * Trading session and weekday of each open time (ms, UTC): Tokyo `[0, 8)`, London `[8, 16)`, New York `[16, 24)` as
 * 0/1; `day_of_week` Monday 0 .. Sunday 6; `is_weekend` 0/1.
 */
export function sessions(time: Float64Array): NamedColumns {
  const rows = time.length;
  const session_tokyo = new Float64Array(rows);
  const session_london = new Float64Array(rows);
  const session_new_york = new Float64Array(rows);
  const day_of_week = new Float64Array(rows);
  const is_weekend = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const day = Math.floor(time[i] / DAY_MS);
    const hour = (time[i] - day * DAY_MS) / HOUR_MS;
    if (hour < 8) session_tokyo[i] = 1;
    else if (hour < 16) session_london[i] = 1;
    else session_new_york[i] = 1;
    const weekday = (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;
    day_of_week[i] = weekday;
    if (weekday >= 5) is_weekend[i] = 1;
  }
  return { session_tokyo, session_london, session_new_york, day_of_week, is_weekend };
}
