import type { Candles } from '../../candles/candles.js';
import type { FeatureRecipe } from '../feature-recipe.js';
import { sliceCandles } from '../look-ahead.js';
import { streamOf } from './open-feature-stream.js';

/** Where a stream gave another value than the batch: a column's first such row. */
export interface StreamDifference {
  readonly column: string;
  readonly row: number;
  readonly live: number;
  readonly batch: number;
  /** In how many rows. */
  readonly times: number;
}

export interface StreamAgreement {
  readonly rows: number;
  /** None is what a set that may go live gives. */
  readonly differences: readonly StreamDifference[];
  /** Of the state that was saved half way, and restored into a new stream that went on. */
  readonly stateBytes: number;
}

/**
 * Pushes candles one by one through a set's streaming form and compares every value with the batch's, bit by bit. Half
 * way the stream is saved and a new one goes on from its state, as after a restart.
 * @param rows how many of the first candles; default 3,000, a state's first rows being where it differs if it does
 */
export function compareStream(recipe: FeatureRecipe, candles: Candles, { rows = 3000 }: { readonly rows?: number } = {}): StreamAgreement {
  const given = sliceCandles(candles, 0, Math.min(rows, candles.time.length));
  const batch = Array.from(recipe.compute(given), ([, values]) => values);
  const found = new Map<string, StreamDifference>();
  let stream = streamOf(recipe);
  let stateBytes = 0;
  for (let row = 0; row < given.time.length; row++) {
    if (row === Math.floor(given.time.length / 2)) {
      const state = stream.save();
      stateBytes = state.length;
      stream = streamOf(recipe);
      stream.restore(state);
    }
    const live = stream.push(given.time[row], given.open[row], given.high[row], given.low[row], given.close[row], given.volume[row]);
    for (const [index, column] of recipe.set.columns.entries()) {
      if (Object.is(live[index], batch[index][row])) continue;
      const first = found.get(column) ?? { column, row, live: live[index], batch: batch[index][row], times: 0 };
      found.set(column, { ...first, times: first.times + 1 });
    }
  }
  return { rows: given.time.length, differences: [...found.values()], stateBytes };
}
