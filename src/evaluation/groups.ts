import { calibrationError } from './calibration.js';
import { SESSIONS, TIERS, confidenceOf, sessionOf, tierOf } from './confidence.js';
import { blockVarianceOfSum, studentWidening, wilsonInterval } from './dependence.js';
import type { GroupFigures, Interval } from './evaluation.js';
import type { ScoredWindows } from './scored-windows.js';
import { sum } from './sum.js';

/** A group touched by fewer blocks than this gets no interval. */
const FEWEST_BLOCKS = 5;

export interface GroupedFigures {
  readonly byTier: GroupFigures[];
  readonly bySession: GroupFigures[];
  readonly byMonth: GroupFigures[];
}

/**
 * Accuracy where it may differ: by tier of confidence max(p, 1 - p), by session of the decision, by month (UTC). Groups
 * without a window are left out.
 *
 * A group's 95 % interval is Wilson's at its effective size: its windows, less what the block variance of its right
 * decisions says they share, with the same blocks of time as the whole, and
 * what Student's t takes off for so many of them. Resampling each group would add only noise.
 * @param correct 1 where the decision was right, `[windows]`.
 * @param blockLength of `bootstrapAccuracy`.
 */
export function groupFigures(scored: ScoredWindows, correct: Uint8Array, blockLength: number): GroupedFigures {
  const { probability, time } = scored;
  const tiers = Uint8Array.from(probability, (p) => TIERS.indexOf(tierOf(confidenceOf(p))));
  const sessions = Uint8Array.from(time, (t) => SESSIONS.indexOf(sessionOf(t)));
  const months = monthsOf(time);
  const figures = (names: readonly string[], group: ArrayLike<number>): GroupFigures[] =>
    names.flatMap((name, member) => figuresOf(name, scored, correct, group, member, blockLength) ?? []);
  return {
    byTier: figures(TIERS, tiers),
    bySession: figures(SESSIONS, sessions),
    byMonth: figures(months.names, months.month),
  };
}

/** Each window's month as an index into `names`, oldest first. */
function monthsOf(time: Float64Array): { names: string[]; month: Uint16Array } {
  const names: string[] = [];
  const month = new Uint16Array(time.length);
  let end = -Infinity;
  for (let index = 0; index < time.length; index += 1) {
    if (time[index] >= end) {
      const date = new Date(time[index]);
      names.push(date.toISOString().slice(0, 7));
      end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    }
    month[index] = names.length - 1;
  }
  return { names, month };
}

function figuresOf(
  name: string,
  scored: ScoredWindows,
  correct: Uint8Array,
  group: ArrayLike<number>,
  member: number,
  blockLength: number,
): GroupFigures | undefined {
  const inGroup = (_: number, index: number): boolean => group[index] === member;
  const probability = scored.probability.filter(inGroup);
  const windows = probability.length;
  if (windows === 0) return undefined;
  const label = scored.label.filter(inGroup);
  const accuracy = sum(correct.filter(inGroup)) / windows;
  const interval = intervalOf(correct, group, member, windows, accuracy, blockLength);
  return {
    name,
    windows,
    accuracy,
    ...(interval === undefined ? {} : { interval }),
    baseRate: sum(label) / windows,
    calibrationError: calibrationError(probability, label),
  };
}

function intervalOf(
  correct: Uint8Array,
  group: ArrayLike<number>,
  member: number,
  windows: number,
  accuracy: number,
  blockLength: number,
): Interval | undefined {
  const centred = new Float64Array(correct.length);
  let blocks = 0;
  let lastBlock = -1;
  for (let index = 0; index < centred.length; index += 1) {
    if (group[index] !== member) continue;
    centred[index] = correct[index] - accuracy;
    const block = Math.floor(index / blockLength);
    if (block !== lastBlock) blocks += 1;
    lastBlock = block;
  }
  if (blocks < FEWEST_BLOCKS) return undefined;
  const naive = windows * accuracy * (1 - accuracy);
  // Every decision right, or every one wrong: what they share cannot be measured, so a block counts once.
  const samples = naive === 0 ? blocks : windows * Math.min(1, naive / blockVarianceOfSum(centred, blockLength));
  return wilsonInterval(accuracy, samples / studentWidening(blocks) ** 2);
}
