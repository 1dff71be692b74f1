import type { FindingKind } from '../quality/finding.js';

/**
 * What a repair can do of what a check finds. `certain`: what is done can only be right, or takes away what no candle can be;
 * done unless told otherwise. The others are done when they are named. A finding that is not here is never repaired.
 */
export const REPAIR_KINDS = {
  'off-minute': { certain: true, does: 'of a whole series put on its minutes; single rows dropped' },
  'shifted': { certain: true, does: 'a stretch moved back whose clock jumps by the same 15 minutes or more at both ends' },
  'not-finite': { certain: true, does: 'rows dropped' },
  'impossible-candle': { certain: true, does: 'rows dropped' },
  'out-of-order': { certain: true, does: 'sorted by time' },
  'duplicate-same': { certain: true, does: 'all but the first dropped' },
  'bad-print': { certain: true, does: 'candles dropped' },
  'duplicate-different': { certain: false, does: 'all candles of the minute dropped: which of them is right is not known' },
  'frozen': { certain: false, does: 'candles dropped' },
  'interpolated': { certain: false, does: 'candles dropped' },
} as const satisfies Partial<Record<FindingKind, { certain: boolean; does: string }>>;

export type RepairKind = keyof typeof REPAIR_KINDS;

export function isRepairKind(text: string): text is RepairKind {
  return Object.hasOwn(REPAIR_KINDS, text);
}

/** The kinds that are repaired unless told otherwise. */
export const CERTAIN_KINDS: readonly RepairKind[] = (Object.keys(REPAIR_KINDS) as RepairKind[]).filter((kind) => REPAIR_KINDS[kind].certain);

export interface RepairOptions {
  /** Default `CERTAIN_KINDS`. */
  readonly apply?: readonly RepairKind[] | undefined;
  /** Added to every time before anything else, ms; -3_600_000 for a series that is an hour late. Default 0. */
  readonly shiftMs?: number | undefined;
  /** Gaps of up to so many minutes are filled with flat candles without volume. Default 0: none. */
  readonly fillGapMinutes?: number | undefined;
}

export type RepairAction = 'moved' | 'dropped' | 'sorted' | 'filled';

/** A row as it was: time (ms), open, high, low, close, volume; what is no finite number as text, `NaN`. */
export type OldRow = readonly (number | string)[];

/** One thing that was done, to rows that follow each other. */
export interface Repair {
  readonly action: RepairAction;
  /** What it answers; `shift` and `gap` were asked for by themselves. */
  readonly kind: RepairKind | 'shift' | 'gap';
  /** Open times of its first and last row as they were, of a gap those added; ms UTC. Null where a row had no time. */
  readonly from: number | null;
  readonly to: number | null;
  readonly rows: number;
  /** What was there: the finding's own words. */
  readonly found: string;
  /** What was added to the times, ms. */
  readonly movedMs?: number;
  /** Rows dropped. Absent for a repeated row: the one that stays has its values. */
  readonly old?: readonly OldRow[];
  /** The price of filled minutes: the close before them. */
  readonly price?: number;
}
