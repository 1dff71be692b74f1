import { InputError } from '../errors.js';
import type { Place } from '../errors.js';

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

const perMs = { ms: 1, us: 1_000, ns: 1_000_000 };

/** The first time of a unit (March 1973 in each), which the last of the unit before (year 5138) does not reach. */
const firstOf: readonly (readonly [TimeUnit, number])[] = [
  ['ns', 1e17],
  ['us', 1e14],
  ['ms', 1e11],
  ['s', 1e8],
];

/** The unit a count since 1970 has by its size, or undefined for one that is no time since March 1973. */
export function timeUnitOf(count: number): TimeUnit | undefined {
  return firstOf.find(([, first]) => count >= first && count < first * 1000)?.[0];
}

/**
 * Counts since 1970 as ms, in place. One unit (s, ms, us or ns) holds for the whole column: that of its first value.
 * NaN stays: the check of the candles names it.
 * @throws InputError `candle-time-unreadable`, `candle-time-unit-mixed`.
 */
export function countsToMs(counts: Float64Array, placeOf: (row: number) => Place): void {
  let unit: TimeUnit | undefined;
  const refuse = (row: number, code: string, problem: string, hint: string): InputError =>
    new InputError(problem, { code, place: { ...placeOf(row), column: 'time' }, hint });
  for (let row = 0; row < counts.length; row++) {
    const count = counts[row];
    if (Number.isNaN(count)) continue;
    const found = timeUnitOf(count);
    if (found === undefined) {
      throw refuse(row, 'candle-time-unreadable', `${count} is no time`, 'give s, ms, us or ns since 1970, or ISO dates; a row number is no time');
    }
    unit ??= found;
    if (found !== unit) {
      throw refuse(row, 'candle-time-unit-mixed', `${count} is in ${found}, the rows before are in ${unit}`, 'write all times of a file in one unit');
    }
    counts[row] = unit === 's' ? count * 1000 : count / perMs[unit];
  }
}

const isoTime =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?$/i;

/**
 * ISO 8601 dates and times as ms since the epoch, UTC: `2025-01-06`, `2025-01-06 00:01`, `2025-01-06T00:01:00.000Z`,
 * `...+02:00`. Without a zone it is UTC. NaN for anything else, an impossible date included.
 */
export function parseIsoTime(text: string): number {
  const match = isoTime.exec(text);
  if (match === null) return NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', , sign, zoneHour = '0', zoneMinute = '0'] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return NaN;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(zoneHour) > 14 || Number(zoneMinute) > 59) return NaN;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  const ofDay = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + Number(`0.${fraction || '0'}`) * 1000;
  return midnight + ofDay - (sign === '-' ? -offset : offset);
}

/** `parseIsoTime`, or an error that says where. @throws InputError `candle-time-unreadable`. */
export function isoTimeToMs(text: string, place: Place): number {
  const time = parseIsoTime(text);
  if (!Number.isNaN(time)) return time;
  throw new InputError(`${JSON.stringify(text)} is no time`, {
    code: 'candle-time-unreadable',
    place,
    hint: 'write times as 2025-01-31T23:59:00Z, or as s, ms, us or ns since 1970',
  });
}

const decimalNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A plain decimal number; NaN for anything else (empty, `NaN`, `1,234.5`, `0x10`). */
export function parseNumber(text: string): number {
  return decimalNumber.test(text) ? Number(text) : NaN;
}
