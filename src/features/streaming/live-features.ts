import type { FeatureSet } from '../feature-set.js';
import type { FeatureStream } from '../feature-recipe.js';
import type { CandleAnswer, LiveCandle } from './live-candles.js';
import { acceptCandle } from './live-candles.js';
import { openFeatureStream } from './open-feature-stream.js';
import { listOf, openState, sealState } from './stream-state.js';

const FORM = 'live-1';

/** What came of a candle, and the feature row of an accepted one `[features]` (the same array each time). */
export type LiveAnswer = Exclude<CandleAnswer, { status: 'accepted' }> | (Extract<CandleAnswer, { status: 'accepted' }> & { readonly row: Float64Array });

/** One symbol, live: the border in front of a feature stream. For many symbols keep one of these for each. */
export class LiveFeatures {
  private newest: LiveCandle | undefined;

  /**
   * @param stream a new stream of that set.
   * @throws InputError what `openFeatureStream` throws.
   */
  constructor(private readonly set: FeatureSet, private readonly stream: FeatureStream = openFeatureStream(set)) {}

  /**
   * Any candle may come: only one that is accepted reaches the stream.
   * @param now ms since the epoch; where given, a candle whose minute has not passed is invalid.
   */
  push(candle: LiveCandle, now?: number): LiveAnswer {
    const answer = acceptCandle(this.newest, candle, now);
    if (answer.status !== 'accepted') return answer;
    const { time, open, high, low, close, volume } = candle;
    const row = this.stream.push(time, open, high, low, close, volume);
    this.newest = { time, open, high, low, close, volume };
    return { ...answer, row };
  }

  /** The stream's state and the newest candle: a restart knows late and duplicate candles too. */
  save(): Uint8Array {
    const { newest } = this;
    const values = newest === undefined ? [] : [newest.time, newest.open, newest.high, newest.low, newest.close, newest.volume];
    return sealState(this.set, FORM, { known: [values.length], newest: values }, this.stream.save());
  }

  /** @throws InputError `stream-state-unreadable`; then nothing has changed. */
  restore(bytes: Uint8Array): void {
    const state = openState(this.set, FORM, bytes);
    const [known] = listOf(state, 'known', 1);
    const [time, open, high, low, close, volume] = listOf(state, 'newest', known);
    this.stream.restore(state.inner);
    this.newest = known === 0 ? undefined : { time, open, high, low, close, volume };
  }
}
