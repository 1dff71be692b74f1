import type { Candles } from '../../candles/candles.js';
import { trailingMean } from './trailing-windows.js';

/** What the columns of v3 share: candles, and what is made of each of them, computed once and when it is first asked for. */
export interface V3Inputs extends Candles {
  /** The first row that a value is wanted for: those before it are context. */
  readonly firstRow: number;
  readonly logClose: Float64Array;
  /** Mean of log high and log low, `[rows]`. */
  readonly logMiddle: Float64Array;
  /** Log return of one row, and its square, `[rows]`; NaN in row 0. */
  readonly returns: Float64Array;
  readonly squares: Float64Array;
  /** Log of high over low, `[rows]`. */
  readonly ranges: Float64Array;
  /** Root mean square of the last `rows` 1-row log returns, `[rows]`. */
  readonly volatility: (rows: number) => Float64Array;
  /** What several columns share: `what` names it. Not to be changed by who receives it. */
  readonly once: <T>(what: string, compute: () => T) => T;
}

/** No column looks further back, but for volatilities. */
const LONGEST_WINDOW = 240;

/** Prepares candles for the columns of v3; what no row from `firstRow` on looks at is left out. */
export function v3Inputs(candles: Candles, firstRow = 0): V3Inputs {
  const { high, low, close } = candles;
  const since = Math.max(0, firstRow - LONGEST_WINDOW);
  const each = (value: (row: number) => number, from = since): Float64Array => {
    const values = new Float64Array(close.length);
    for (let row = from; row < values.length; row++) values[row] = value(row);
    return values;
  };
  const known = new Map<string, unknown>();
  const once = <T>(what: string, compute: () => T): T => {
    const values = known.has(what) ? (known.get(what) as T) : compute();
    known.set(what, values);
    return values;
  };
  const inputs: V3Inputs = {
    ...candles,
    firstRow,
    once,
    get logClose() {
      return once('log close', () => each((row) => Math.log(close[row])));
    },
    get logMiddle() {
      return once('log middle', () => each((row) => Math.log(high[row] * low[row]) / 2));
    },
    get returns() {
      return once('returns', () => close.map((price, row) => (row === 0 ? NaN : Math.log(price / close[row - 1]))));
    },
    get squares() {
      return once('squares', () => inputs.returns.map((value) => value * value));
    },
    get ranges() {
      return once('ranges', () => each((row) => Math.log(high[row] / low[row])));
    },
    volatility: (rows) =>
      once(`volatility ${rows}`, () => {
        const variance = trailingMean(inputs.squares, rows, firstRow);
        return each((row) => Math.sqrt(variance[row]), firstRow);
      }),
  };
  return inputs;
}

/** `a / b`, and 0 where b is 0: a market that stands still has moved by nothing. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
