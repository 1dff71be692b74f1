import { correctness, decisions } from './classification.js';
import type { CheckNotRun, ShuffledLabelsCheck } from './evaluation.js';
import { randomIndex } from '../random.js';
import type { Random } from '../random.js';

/** Rows of a day; with gaps in the candles they span more than one. */
const DAY = 1440;
const SUSPECT_ABOVE = 0.01;
/** With fewer, not even a model that beats every shift reaches p <= 0.01. */
const FEWEST_SHIFTS = Math.ceil(1 / SUSPECT_ABOVE) - 1;

export interface ShuffledLabelsOptions {
  readonly random: Random;
  /** Default 1,000. */
  readonly shifts?: number;
}

/**
 * Would the decisions be as often right against labels from another time? The labels are shifted circularly by a day
 * or more each way, so that they keep their own pattern and lose only their tie to the decisions; p is the share of
 * shifts at least as accurate as the truth, counting the truth itself: (1 + count) / (1 + shifts) (Phipson and Smyth
 * 2010). A model that has only learnt the base rate, or leans the right way by luck, does not get below 0.01.
 *
 * The shifts are spread evenly over all that are a day away. Where there are fewer than asked for, each is used once;
 * below 99 (two days of windows and 98 rows) the check cannot tell anything and says so.
 */
export function shuffledLabels(
  probability: Float64Array,
  label: Uint8Array,
  { random, shifts: wanted = 1000 }: ShuffledLabelsOptions,
): ShuffledLabelsCheck | CheckNotRun {
  const windows = label.length;
  const possible = Math.max(0, windows - 2 * DAY + 1);
  const shifts = Math.min(wanted, possible);
  if (shifts < FEWEST_SHIFTS) {
    return { notRun: `${windows} windows leave ${possible} shifts of the labels by a day or more, the check needs ${FEWEST_SHIFTS}` };
  }
  const right = correctness(probability, label).reduce((sum, value) => sum + value, 0);
  const agreementAt = shiftedAgreement(decisions(probability), label);
  let asGood = 0;
  for (let shift = 0; shift < shifts; shift += 1) {
    const from = Math.floor((shift * possible) / shifts);
    const to = Math.floor(((shift + 1) * possible) / shifts);
    if (agreementAt(DAY + from + randomIndex(random, to - from)) >= right) asGood += 1;
  }
  const pValue = (1 + asGood) / (1 + shifts);
  return { shifts, pValue, suspect: pValue > SUSPECT_ABOVE };
}

/**
 * How many of `a[i]` equal `b[i + shift]`, going round at the end: 32 at a time, as bits.
 * @param a 0 or 1, `[rows]`.
 * @param b 0 or 1, `[rows]`.
 */
export function shiftedAgreement(a: Uint8Array, b: Uint8Array): (shift: number) => number {
  const rows = a.length;
  const words = Math.ceil(rows / 32);
  const left = packBits(a, rows, words);
  // Twice round and two words more, so that no shift has to wrap.
  const right = packBits(b, 2 * rows, Math.ceil((2 * rows) / 32) + 2);
  const lastMask = rows % 32 === 0 ? -1 : (1 << (rows % 32)) - 1;
  return (shift) => {
    const start = shift >>> 5;
    const low = shift & 31;
    let different = 0;
    for (let word = 0; word < words; word += 1) {
      // A shift by 32 is a shift by 0 in JavaScript: two steps for the upper part.
      const shifted = (right[start + word] >>> low) | ((right[start + word + 1] << 1) << (31 - low));
      const mask = word === words - 1 ? lastMask : -1;
      different += countBits((left[word] ^ shifted) & mask);
    }
    return rows - different;
  };
}

/** Bits of `values`, repeated until `count` are set out, lowest first. */
function packBits(values: Uint8Array, count: number, words: number): Int32Array {
  const packed = new Int32Array(words);
  for (let index = 0; index < count; index += 1) {
    const source = index < values.length ? index : index - values.length;
    packed[index >>> 5] |= values[source] << (index & 31);
  }
  return packed;
}

/** Ones in a 32-bit word (Warren, Hacker's Delight, 5-1). */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
