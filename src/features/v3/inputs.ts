import type { Candles } from '../../candles/candles.js';
import { trailingMean } from './trailing-windows.js';

/** What the columns of v3 share: candles, and what is made of each of them, computed once. */
export interface V3Inputs extends Candles {
  /** Log return of one row, and its square, `[rows]`; NaN in row 0. */
  readonly returns: Float64Array;
  readonly squares: Float64Array;
  /** Log of high over low, `[rows]`. */
  readonly ranges: Float64Array;
  /** Mean of high and low, `[rows]`. */
  readonly middle: Float64Array;
  /** Typical price (mean of high, low and close) times volume, `[rows]`. */
  readonly tradedValue: Float64Array;
  /** Where each close stands in its candle, `[rows]`: -1 at the low, 1 at the high, 0 where they are one. */
  readonly location: Float64Array;
  /** Sign of each 1-row return, and of each candle's body, `[rows]`. */
  readonly signs: Float64Array;
  readonly bodies: Float64Array;
  /** Root mean square of the last `rows` 1-row log returns, `[rows]`. */
  readonly volatility: (rows: number) => Float64Array;
  /** What several columns share, computed at the first asking: `what` names it. Not to be changed by who receives it. */
  readonly once: (what: string, compute: () => Float64Array) => Float64Array;
}

/** Prepares candles for the columns of v3. */
export function v3Inputs(candles: Candles): V3Inputs {
  const { high, low, close, volume } = candles;
  const returns = logReturn(close, 1);
  const squares = returns.map((value) => value * value);
  const ranges = high.map((price, row) => Math.log(price / low[row]));
  const middle = high.map((price, row) => (price + low[row]) / 2);
  const tradedValue = close.map((price, row) => ((price + high[row] + low[row]) / 3) * volume[row]);
  const location = close.map((price, row) => ratio(2 * price - high[row] - low[row], high[row] - low[row]));
  const signs = returns.map(Math.sign);
  const bodies = close.map((price, row) => Math.sign(price - candles.open[row]));
  const known = new Map<string, Float64Array>();
  const once = (what: string, compute: () => Float64Array): Float64Array => {
    const values = known.get(what) ?? compute();
    known.set(what, values);
    return values;
  };
  const volatility = (rows: number): Float64Array => once(`volatility ${rows}`, () => trailingMean(squares, rows).map(Math.sqrt));
  return { ...candles, returns, squares, ranges, middle, tradedValue, location, signs, bodies, once, volatility };
}

/** Log return over the last `rows` rows; NaN at the head. */
export function logReturn(close: Float64Array, rows: number): Float64Array {
  return close.map((price, row) => (row < rows ? NaN : Math.log(price / close[row - rows])));
}

/** `a / b`, and 0 where b is 0: a market that stands still has moved by nothing. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
