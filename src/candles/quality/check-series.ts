import type { Candles } from '../candles.js';
import { findGaps } from '../gaps.js';
import { completenessByDay } from './completeness.js';
import type { DayCompleteness } from './completeness.js';
import { severityOf } from './finding.js';
import type { Finding } from './finding.js';
import { findShifts } from './shifts.js';
import { findSpikes } from './spikes.js';
import { findFrozen, findInterpolated, findZeroVolume } from './still-stretches.js';
import { orderSeries } from './time-order.js';

export interface SeriesCheck {
  /** Rows as they are in the files. */
  readonly rows: number;
  /** Open times of the first and the last candle, ms; NaN without one. */
  readonly from: number;
  readonly to: number;
  /** Share of the minutes between them that have a candle. */
  readonly completeness: number;
  readonly days: readonly DayCompleteness[];
  /** Defects first, each kind in time order. */
  readonly findings: readonly Finding[];
}

/** What is wrong with a raw table of candles, and what is worth knowing of it. Nothing is changed. Also gives the rows in order, for a comparison. */
export function checkSeries(raw: Candles): SeriesCheck & { readonly ordered: Candles } {
  const { candles, findings: disorder } = orderSeries(raw);
  const gaps = findGaps(candles).list.map(({ from, to, minutes }): Finding => ({ kind: 'gap', from, to, minutes, rows: 0, values: `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} without a candle` }));
  const shifts = findShifts(raw, [...disorder, ...gaps]);
  const still = [...findFrozen(candles), ...findInterpolated(candles), ...findZeroVolume(candles)];
  const findings = [...disorder, ...shifts, ...still, ...findSpikes(candles), ...gaps];
  const rows = candles.time.length;
  const days = completenessByDay(candles.time);
  const possible = days.reduce((sum, day) => sum + day.of, 0);
  return {
    rows: raw.time.length,
    from: rows > 0 ? candles.time[0] : NaN,
    to: rows > 0 ? candles.time[rows - 1] : NaN,
    completeness: possible > 0 ? rows / possible : 0,
    days,
    findings: [...findings.filter(({ kind }) => severityOf(kind) === 'defect'), ...findings.filter(({ kind }) => severityOf(kind) === 'notice')],
    ordered: candles,
  };
}
