import { MINUTE_MS } from '../../candles/candles.js';
import type { Timeframe } from '../multi-timeframe/bars.js';
import { TIMEFRAMES } from '../multi-timeframe/bars.js';

/** Numbers a timeframe keeps: the bar in progress (start, open, high, low, close, volume), then the one in sight. */
const KEPT = 11;

/** One timeframe: the bar that grows, and the last one that has closed, which stays in sight until the next has. */
export class RecentBars {
  /** `[open, high, low, close, volume]` of the bar in sight; NaN before there is one. */
  readonly seen = new Float64Array(5).fill(NaN);
  private start = NaN;
  private open = NaN;
  private high = NaN;
  private low = NaN;
  private close = NaN;
  private volume = NaN;

  constructor(private readonly timeframe: Timeframe, private readonly longer: RecentBars | undefined) {}

  /** Takes a candle, or a closed bar of the timeframe below, into the bar that grows. */
  add(time: number, open: number, high: number, low: number, close: number, volume: number): void {
    if (Number.isNaN(this.start)) {
      this.start = Math.floor(time / this.timeframe.widthMs) * this.timeframe.widthMs;
      this.open = open;
      this.high = high;
      this.low = low;
      this.volume = volume;
    } else {
      if (high > this.high) this.high = high;
      if (low < this.low) this.low = low;
      this.volume += volume;
    }
    this.close = close;
  }

  /** Closes the bar if it ends by `now` (ms): it comes in sight, and becomes part of the longer one. */
  closeUpTo(now: number): void {
    if (!(this.start + this.timeframe.widthMs <= now)) return;
    const { seen, start, open, high, low, close, volume } = this;
    seen[0] = open;
    seen[1] = high;
    seen[2] = low;
    seen[3] = close;
    seen[4] = volume;
    this.longer?.add(start, open, high, low, close, volume);
    this.start = NaN;
  }

  save(): readonly number[] {
    const { start, open, high, low, close, volume } = this;
    return [start, open, high, low, close, volume, ...this.seen];
  }

  restore(kept: Float64Array): void {
    [this.start, this.open, this.high, this.low, this.close, this.volume] = kept;
    this.seen.set(kept.subarray(KEPT - 5));
  }
}

/** 5m, 15m and 1h bars as they come about, each from those of the timeframe below, as `aggregateBars` builds them. */
export class RecentTimeframes {
  /** In the order of `TIMEFRAMES`, shortest first. */
  readonly bars: readonly RecentBars[];

  constructor() {
    const bars: RecentBars[] = [];
    for (const timeframe of [...TIMEFRAMES].reverse()) bars.unshift(new RecentBars(timeframe, bars[0]));
    this.bars = bars;
  }

  push(time: number, open: number, high: number, low: number, close: number, volume: number): void {
    // Twice: bars that ended without this minute, then those whose last minute it is.
    for (const bars of this.bars) bars.closeUpTo(time);
    this.bars[0].add(time, open, high, low, close, volume);
    for (const bars of this.bars) bars.closeUpTo(time + MINUTE_MS);
  }

  save(): readonly number[] {
    return this.bars.flatMap((bars) => bars.save());
  }

  /** How many numbers `save` gives. */
  static readonly kept = KEPT * TIMEFRAMES.length;

  static from(kept: Float64Array): RecentTimeframes {
    const timeframes = new RecentTimeframes();
    timeframes.bars.forEach((bars, level) => bars.restore(kept.subarray(level * KEPT, (level + 1) * KEPT)));
    return timeframes;
  }
}
