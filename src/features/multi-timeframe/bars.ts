import { MINUTE_MS } from '../../candles/candles.js';
import type { Candles } from '../../candles/candles.js';

/** A timeframe longer than the candles'. */
export interface Timeframe {
  /** Prefix of its columns. */
  readonly label: string;
  readonly widthMs: number;
}

export const TIMEFRAMES: readonly Timeframe[] = [
  { label: '5m', widthMs: 5 * MINUTE_MS },
  { label: '15m', widthMs: 15 * MINUTE_MS },
  { label: '1h', widthMs: 60 * MINUTE_MS },
];

/** Bars `[T, T + widthMs)`, T a multiple of the width since the epoch; arrays may be longer than `count`. */
export interface Bars {
  readonly timeframe: Timeframe;
  readonly count: number;
  /** T of each bar, ms, increasing. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/**
 * Builds a timeframe's bars from the candles that are there: first open, highest high, lowest low, last close, sum of
 * volume. A bar without a candle does not exist; partial first and last bars are kept.
 */
export function aggregateBars(candles: Candles, timeframe: Timeframe): Bars {
  const { widthMs } = timeframe;
  const rows = candles.time.length;
  const most = rows === 0 ? 0 : Math.min(rows, Math.floor((candles.time[rows - 1] - candles.time[0]) / widthMs) + 2);
  const time = new Float64Array(most);
  const open = new Float64Array(most);
  const high = new Float64Array(most);
  const low = new Float64Array(most);
  const close = new Float64Array(most);
  const volume = new Float64Array(most);
  let bar = -1;
  let end = -Infinity;
  for (let i = 0; i < rows; i++) {
    const t = candles.time[i];
    if (t >= end) {
      bar++;
      const start = Math.floor(t / widthMs) * widthMs;
      end = start + widthMs;
      time[bar] = start;
      open[bar] = candles.open[i];
      high[bar] = candles.high[i];
      low[bar] = candles.low[i];
    } else {
      if (candles.high[i] > high[bar]) high[bar] = candles.high[i];
      if (candles.low[i] < low[bar]) low[bar] = candles.low[i];
    }
    close[bar] = candles.close[i];
    volume[bar] = volume[bar] + candles.volume[i];
  }
  return { timeframe, count: bar + 1, time, open, high, low, close, volume };
}
