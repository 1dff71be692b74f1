import type { Candles } from '../candles/candles.js';
import type { FeatureSet } from './feature-set.js';
import type { NamedColumn } from './named-columns.js';

/** What recursive kernels (RSI, MACD) know after a row, under their names: plain numbers, exact as JSON. */
export type RecursiveState = Readonly<Record<string, readonly number[]>>;

/**
 * Where a batch takes up a history that was computed before: rows up to `firstRow` of the candles given are context, whose
 * values nobody reads; recursive kernels go on from `state`, which they had after row `firstRow - 1`.
 */
export interface Continuation {
  readonly firstRow: number;
  readonly state: RecursiveState;
}

/** Values of one closed candle, in the order of the set's columns. */
export interface FeatureStream {
  /** Takes one closed candle, returns its feature row `[features]` (the same array each time: copy what is kept). */
  push(time: number, open: number, high: number, low: number, close: number, volume: number): Float64Array;
  /** Everything it knows, as bytes: a stream restored from them goes on exactly. */
  save(): Uint8Array;
  restore(state: Uint8Array): void;
}

/** How a feature set is computed: data and pure functions. */
export interface FeatureRecipe {
  readonly set: FeatureSet;
  /** Changes when the numbers do: feature files computed by another version are computed again. Default `1`. */
  readonly version?: string;
  /**
   * The columns in the set's order, `[candles.time.length]` each, NaN where there is no value yet; computed as they are
   * asked for. With a continuation only rows from `firstRow` on count. `onState` receives what recursive kernels know
   * after the last row, once every column has been taken.
   */
  compute(candles: Candles, continuation?: Continuation, onState?: (state: RecursiveState) => void): Iterable<NamedColumn>;
  /**
   * A row depends on no more than this many rows before it (beside `RecursiveState`): a month is computed from so many
   * rows of context. Undefined: on the whole history (legacy sets); then only a full run will do.
   */
  readonly contextRows: number | undefined;
  /**
   * What recursive kernels know after the last of these closes (with a continuation: of those from `firstRow` on),
   * without any column: lets several threads begin at several months. Absent: the set has no such kernels.
   */
  readonly advance?: (close: Float64Array, continuation?: Continuation) => RecursiveState;
  /** The streaming form; where absent it is derived: the batch kernel over the last `contextRows + 1` candles. */
  readonly stream?: () => FeatureStream;
}
