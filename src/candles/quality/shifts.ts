import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from './finding.js';
import { span } from './spans.js';

/** How long a shifted stretch may be before its two ends no longer belong together: a month. */
const longestMs = 31 * 24 * 60 * MINUTE_MS;

/**
 * Stretches whose times are all late or early by the same minutes: where they begin and end, the clock jumps ahead by
 * so much and back by as much. Read from the rows as they stand; where the file was sorted since, from a gap and a
 * run of minutes that are there twice with different values, of one length.
 */
export function findShifts(raw: Candles, findings: readonly Finding[]): readonly Finding[] {
  const inFile = shiftedRows(raw).map(({ from, end, minutes }) => shifted(raw.time[from], raw.time[end - 1], minutes));
  if (inFile.length > 0) return inFile;
  const gaps = findings.filter(({ kind }) => kind === 'gap');
  return findings
    .filter(({ kind, minutes }) => kind === 'duplicate-different' && minutes >= 2)
    .flatMap((twice) => {
      const near = gaps.filter((gap) => agree(gap.minutes, twice.minutes) && Math.abs(gap.from - twice.from) <= longestMs);
      const gap = near.sort((a, b) => Math.abs(a.from - twice.from) - Math.abs(b.from - twice.from))[0];
      if (gap === undefined) return [];
      const late = gap.from < twice.from;
      const [from, to] = late ? [gap.to + MINUTE_MS, twice.to] : [twice.from, gap.from - MINUTE_MS];
      return [shifted(from, to, late ? twice.minutes : -twice.minutes)];
    });
}

/** A minute without a trade at the border changes the length a little. */
const agree = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(1, 0.1 * Math.min(a, b));

const shifted = (from: number, to: number, minutes: number): Finding =>
  span('shifted', from, to, Math.round((to - from) / MINUTE_MS) + 1, `times ${Math.abs(minutes)} minutes too ${minutes > 0 ? 'late' : 'early'}`);

/** Rows `[from, end)` whose times are all late (above 0) or early by so many minutes. */
export interface ShiftedRows {
  readonly from: number;
  readonly end: number;
  readonly minutes: number;
  /** The clock jumps by exactly as much at both ends, so that moved back the rows join what is around them. */
  readonly exact: boolean;
}

/** Shifted stretches as the rows of the file show them, which must stand in the order they were written in. */
export function shiftedRows({ time }: Pick<Candles, 'time'>): readonly ShiftedRows[] {
  const found: ShiftedRows[] = [];
  // Recent jumps ahead, oldest first; few are kept, since a border lies near.
  let ahead: { row: number; minutes: number }[] = [];
  let back: { row: number; minutes: number } | undefined;
  for (let row = 1; row < time.length; row++) {
    const minutes = (time[row] - time[row - 1]) / MINUTE_MS - 1;
    if (minutes === 0 || Number.isNaN(minutes)) continue;
    if (minutes > 1) {
      if (back !== undefined && agree(minutes, -back.minutes) && inPlace(time, back.row, row)) {
        found.push({ from: back.row, end: row, minutes: back.minutes, exact: minutes === -back.minutes });
        back = undefined;
      } else ahead = [...ahead.slice(-999), { row, minutes }];
    } else if (minutes <= -2) {
      const begin = ahead.findLast((jump) => agree(jump.minutes, -minutes) && inPlace(time, jump.row, row));
      if (begin !== undefined) {
        found.push({ from: begin.row, end: row, minutes: -minutes, exact: begin.minutes === -minutes });
        ahead = [];
      } else back = { row, minutes };
    }
  }
  return found;
}

/** Whether the rows `[from, end)` stand where they belong and only their times are wrong: around them passes about a minute a row. */
function inPlace(time: Float64Array, from: number, end: number): boolean {
  const around = time[end] - time[from - 1];
  return end - from >= 2 && around <= longestMs && around >= 0.9 * (end - from + 1) * MINUTE_MS;
}
