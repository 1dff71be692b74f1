import type { Candles } from '../../candles/candles.js';
import type { OpenedState } from './stream-state.js';
import { listOf } from './stream-state.js';

/**
 * The last `capacity` values of a series, side by side and oldest first, so that a batch kernel runs over them as over
 * any other column. What lies before them is forgotten.
 */
export class RecentValues {
  /** The newest stands last: all move up at a push, which is cheaper than a new view of them. */
  private readonly held: Float64Array;
  private readonly views: Float64Array[] = [];
  private size = 0;

  constructor(readonly capacity: number) {
    this.held = new Float64Array(capacity);
  }

  push(value: number): void {
    this.held.copyWithin(0, 1);
    this.held[this.capacity - 1] = value;
    if (this.size < this.capacity) this.size++;
  }

  /** The last `count` values (at most `capacity`), fewer while there are fewer; a view, good until the next push. */
  last(count: number): Float64Array {
    if (this.size < count) return this.held.subarray(this.capacity - this.size);
    return (this.views[count] ??= this.held.subarray(this.capacity - count));
  }

  /** The value pushed `age` pushes ago, 0 = the newest; it must be there. */
  at(age: number): number {
    return this.held[this.capacity - 1 - age];
  }

  save(): Float64Array {
    return this.last(this.capacity);
  }

  restore(values: Float64Array): void {
    this.held.set(values, this.capacity - values.length);
    this.size = values.length;
  }
}

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** The last `capacity` candles, column by column. */
export class RecentCandles {
  readonly time: RecentValues;
  readonly open: RecentValues;
  readonly high: RecentValues;
  readonly low: RecentValues;
  readonly close: RecentValues;
  readonly volume: RecentValues;

  constructor(readonly capacity: number) {
    [this.time, this.open, this.high, this.low, this.close, this.volume] = COLUMNS.map(() => new RecentValues(capacity));
  }

  push(time: number, open: number, high: number, low: number, close: number, volume: number): void {
    this.time.push(time);
    this.open.push(open);
    this.high.push(high);
    this.low.push(low);
    this.close.push(close);
    this.volume.push(volume);
  }

  /** The last `count` candles, fewer while there are fewer; views, good until the next push. */
  last(count: number): Candles {
    return {
      symbol: '',
      time: this.time.last(count),
      open: this.open.last(count),
      high: this.high.last(count),
      low: this.low.last(count),
      close: this.close.last(count),
      volume: this.volume.last(count),
    };
  }

  save(): Record<(typeof COLUMNS)[number], Float64Array> {
    const { time, open, high, low, close, volume } = this.last(this.capacity);
    return { time, open, high, low, close, volume };
  }

  /**
   * Takes the candles out of a state that was saved after `rows` rows; the checks come before anything is changed.
   * @throws InputError `stream-state-unreadable`.
   */
  static from(state: OpenedState, capacity: number, rows: number): RecentCandles {
    const recent = new RecentCandles(capacity);
    for (const column of COLUMNS) recent[column].restore(listOf(state, column, Math.min(rows, capacity)));
    return recent;
  }
}
