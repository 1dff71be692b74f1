/**
 * One symbol's candles: columns of equal length, oldest first.
 * `time` is the OPEN time of the candle in ms since the epoch, UTC; a 1-minute candle closes at `time + 60_000`.
 * Prices are in quote currency, volume in base currency.
 */
export interface Candles {
  /** Canonical, `BTC-USD`. */
  readonly symbol: string;
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export const MINUTE_MS = 60_000;

export const CANDLE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;
