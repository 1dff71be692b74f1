import { InputError } from '../../errors.js';
import { MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000, y: 365 * 86_400_000 };

/** Before any exchange of today: an epoch in seconds read as ms lands here. */
const EARLIEST = Date.UTC(2009, 0, 3);

/**
 * Reads a moment: `now`, an age (`90d`, `2y` of 365 days, `12h`, `30m`, `4w`), a day (`2024-01-01`) or an ISO time; UTC
 * where it names no zone. @returns ms since the epoch
 * @throws InputError `<option>-unreadable`
 */
export function readMoment(text: string, option: 'since' | 'until', now: number): number {
  const trimmed = text.trim();
  if (trimmed === 'now') return now;
  const age = /^(\d+)([mhdwy])$/.exec(trimmed);
  const at = age === null ? readIso(trimmed) : now - Number(age[1]) * UNIT_MS[age[2]];
  if (Number.isFinite(at) && at >= EARLIEST) return at;
  throw new InputError(`--${option} ${text} is not a time${Number.isFinite(at) ? ' an exchange can have candles of' : ''}`, {
    code: `${option}-unreadable`,
    hint: 'write an age (90d, 2y, 12h), a day (2024-01-01) or an ISO time (2024-01-01T08:00Z)',
  });
}

/**
 * The open times to collect: from `since`, up to the last candle that has closed by `until`.
 * @throws InputError `since-unreadable`, `until-unreadable`, `since-in-future`, `until-before-since`
 */
export function collectRange(since: string, until: string, now: number): TimeRange {
  const from = Math.ceil(readMoment(since, 'since', now) / MINUTE_MS) * MINUTE_MS;
  if (from > now) {
    throw new InputError(`--since ${since} is in the future (${iso(from)}; the exchange's clock says ${iso(now)})`, {
      code: 'since-in-future',
      hint: 'give a time that has passed',
    });
  }
  const end = Math.min(readMoment(until, 'until', now), now);
  const to = Math.floor(end / MINUTE_MS) * MINUTE_MS;
  if (until.trim() !== 'now' && to <= from) {
    throw new InputError(`--until ${until} (${iso(end)}) is not after --since ${since} (${iso(from)})`, { code: 'until-before-since', hint: 'give an earlier --since or a later --until' });
  }
  return { from, to: Math.max(from, to) };
}

function readIso(text: string): number {
  if (!/^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/.test(text)) return NaN;
  const hasTime = text.includes('T');
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  return Date.parse(hasTime && !hasZone ? `${text}Z` : text);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
