export const MINUTES_PER_DAY = 1440;

/** Where the day is busiest: 15:00 UTC, when Europe and America both trade. */
const busiestMinute = 15 * 60;
const swing = 0.6;

/**
 * `[1440]`: how volatile each minute of the UTC day is, as a factor on returns. The squares have mean 1, so that the
 * profile moves variance within the day and adds none.
 */
export function dayProfile(): Float64Array {
  return Float64Array.from({ length: MINUTES_PER_DAY }, (_, minute) =>
    Math.sqrt(1 + swing * Math.cos((2 * Math.PI * (minute - busiestMinute)) / MINUTES_PER_DAY)),
  );
}
