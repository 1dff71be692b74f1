import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Candles } from '../../src/candles/candles.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { directionLabels } from '../../src/datasets/labels.js';
import { splitRows } from '../../src/datasets/split.js';

export const HORIZON = 15;
/** Rows left out at the start of a part: the longest receptive field and embargo of any member, rounded up, so that all members are judged on the same rows. As in boost.py. */
const SKIP = 300;

export type Part = 'validation' | 'test';

export interface JudgedRows {
  readonly candles: Candles;
  /** Candle rows `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** Whether the close 15 rows later is higher, `[to - from]`. */
  readonly label: Uint8Array;
  /** The first of them after every coin's part before this one: coins that trade in other minutes reach 70 % of their rows at other times. */
  readonly firstUnseen: number;
}

/** The rows of `part` that everything is judged on, a coin each file of the folder. */
export function judgedRows(candleFolder: string, part: Part): readonly JudgedRows[] {
  const coins = readdirSync(candleFolder).sort().map((file) => readCandles(join(candleFolder, file)));
  const range = (candles: Candles) => splitRows(candles.time.length, 0)[part];
  const begun = Math.max(...coins.map((candles) => candles.time[range(candles).from + SKIP]));
  return coins.map((candles) => {
    const { from: start, to: end } = range(candles);
    const [from, to] = [start + SKIP, end - HORIZON];
    const label = Uint8Array.from(directionLabels(candles.close, HORIZON, { from: start, to: end }).subarray(SKIP, to - start));
    return { candles, from, to, label, firstUnseen: candles.time.findIndex((time) => time >= begun) - from };
  });
}
