/**
 * What evaluation needs of one model's scored split: one entry a window, `[windows]` each, oldest first.
 * A window that ends at candle row t is decided at c[t] and judged at c[t + horizon].
 */
export interface ScoredWindows {
  /** Canonical, `BTC-USD`. */
  readonly symbol: string;
  /** Rows from decision to outcome. */
  readonly horizon: number;
  /** P(up). */
  readonly probability: Float64Array;
  /** 1 when c[t + horizon] > c[t], else 0 (a tie is 0). */
  readonly label: Uint8Array;
  /** OPEN time of candle t, ms since the epoch, UTC. */
  readonly time: Float64Array;
  /** c[t], quote currency. */
  readonly entry: Float64Array;
  /** c[t + horizon], quote currency. */
  readonly exit: Float64Array;
  /** c[t - horizon], quote currency; NaN where t - horizon is before the first candle. */
  readonly previous: Float64Array;
}
