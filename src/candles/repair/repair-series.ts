import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import { findGaps } from '../gaps.js';
import { checkSeries } from '../quality/check-series.js';
import { severityOf } from '../quality/finding.js';
import type { Finding } from '../quality/finding.js';
import { findShifts } from '../quality/shifts.js';
import { orderSeries } from '../quality/time-order.js';
import { dropFound, dropUnusable } from './drop-rows.js';
import { fillGaps } from './fill-gaps.js';
import { mendTimes } from './mend-times.js';
import { CERTAIN_KINDS } from './repair.js';
import type { OldRow, Repair, RepairKind, RepairOptions } from './repair.js';
import { oldRow } from './rows.js';

export interface RepairedCandles {
  /** Sorted, one row a minute; undefined while something is undecided. */
  readonly candles: Candles | undefined;
  /** What was done, in the order of doing. */
  readonly repairs: readonly Repair[];
  /** What no series may hold and no repair was asked for. */
  readonly undecided: readonly Finding[];
  /** Defects that a check still finds: reported, not repaired. */
  readonly remaining: readonly Finding[];
}

/**
 * Repairs a raw table of candles; the table itself is not changed, and no price is invented: what is wrong becomes absent.
 * In this order: times, rows that cannot be candles, order and duplicates, then what the check finds wrong in the rest,
 * once; last, gaps are filled where asked for. The same table and options give the same candles.
 */
export function repairSeries(raw: Candles, options: RepairOptions = {}): RepairedCandles {
  const { shiftMs = 0, fillGapMinutes = 0 } = options;
  const apply = new Set(options.apply ?? CERTAIN_KINDS);
  const timed = mendTimes(raw, apply, shiftMs);
  const usable = dropUnusable(timed.candles, apply);
  const { candles: ordered, findings: disorder } = orderSeries(usable.candles);
  const before = [...timed.repairs, ...usable.repairs];
  const sorted = disorder.flatMap(({ kind, from, to, rows, values }): readonly Repair[] =>
    kind === 'out-of-order' || kind === 'duplicate-same' ? [{ action: kind === 'out-of-order' ? 'sorted' : 'dropped', kind, from, to, rows, found: values }] : [],
  );
  // A time off the minute that is still there was neither common to all nor a slip.
  const undecided = disorder.filter(({ kind }) => kind === 'off-minute' || !apply.has(kind as RepairKind));
  if (undecided.length > 0) return { candles: undefined, repairs: [...before, ...sorted], undecided, remaining: [] };

  const gaps = findGaps(ordered).list.map(({ from, to, minutes }): Finding => ({ kind: 'gap', from, to, minutes, rows: 0, values: '' }));
  const shifts = findShifts(usable.candles, [...disorder, ...gaps]);
  const twice = disorder.filter(({ kind }) => kind === 'duplicate-different');
  const once = dropFound(ordered, twice, allRowsOf(usable.candles, ordered, twice));
  const wrong = checkSeries(once.candles).findings.filter(({ kind }) => ['bad-print', 'frozen', 'interpolated'].includes(kind) && apply.has(kind as RepairKind));
  const right = dropFound(once.candles, wrong);
  const filled = fillGaps(right.candles, fillGapMinutes, minutesDropped([...usable.repairs, ...once.repairs, ...right.repairs]));
  return {
    candles: filled.candles,
    repairs: [...before, ...sorted, ...once.repairs, ...right.repairs, ...filled.repairs],
    undecided: [],
    remaining: [...shifts, ...checkSeries(filled.candles).findings.filter(({ kind }) => severityOf(kind) === 'defect')],
  };
}

/** For a row of `ordered`, all rows of its minute as the table has them. */
function allRowsOf(table: Candles, ordered: Candles, twice: readonly Finding[]): (row: number) => OldRow[] {
  const rowsAt = new Map<number, number[]>();
  for (const { from, to } of twice) for (let time = from; time <= to; time += MINUTE_MS) rowsAt.set(time, []);
  if (rowsAt.size > 0) table.time.forEach((time, row) => rowsAt.get(time)?.push(row));
  return (row) => (rowsAt.get(ordered.time[row]) ?? []).map((at) => oldRow(table, at));
}

function minutesDropped(repairs: readonly Repair[]): ReadonlySet<number> {
  const times = repairs.flatMap(({ old = [] }) => old.map(([time]) => time));
  return new Set(times.filter((time): time is number => typeof time === 'number').map((time) => Math.floor(time / MINUTE_MS) * MINUTE_MS));
}
