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

/** Candles of a longer timeframe, `[T, T + widthMs)` each, T a multiple of the width since the epoch. */
export interface Bars extends Omit<Candles, 'symbol'> {
  readonly timeframe: Timeframe;
}

/**
 * Builds a timeframe's bars from what is there of a shorter one that divides it (candles, or bars): first open, highest
 * high, lowest low, last close, sum of volume. A bar without a candle does not exist; partial first and last bars are kept.
 */
export function aggregateBars(shorter: Omit<Bars, 'timeframe'>, timeframe: Timeframe): Bars {
  const { widthMs } = timeframe;
  const { time, open, high, low, close, volume } = shorter;
  const rows = time.length;
  const most = rows === 0 ? 0 : Math.min(rows, Math.floor((time[rows - 1] - time[0]) / widthMs) + 2);
  const column = (): Float64Array => new Float64Array(most);
  const bars = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  let count = 0;
  for (let i = 0; i < rows; ) {
    const start = Math.floor(time[i] / widthMs) * widthMs;
    const end = start + widthMs;
    bars.time[count] = start;
    bars.open[count] = open[i];
    let highest = high[i];
    let lowest = low[i];
    let sum = volume[i];
    for (i++; i < rows && time[i] < end; i++) {
      if (high[i] > highest) highest = high[i];
      if (low[i] < lowest) lowest = low[i];
      sum += volume[i];
    }
    bars.high[count] = highest;
    bars.low[count] = lowest;
    bars.close[count] = close[i - 1];
    bars.volume[count] = sum;
    count++;
  }
  const filled = (values: Float64Array): Float64Array => values.subarray(0, count);
  return {
    timeframe,
    time: filled(bars.time),
    open: filled(bars.open),
    high: filled(bars.high),
    low: filled(bars.low),
    close: filled(bars.close),
    volume: filled(bars.volume),
  };
}
