import { computeFeatures } from '../../src/features/compute-features.js';
import type { Candles } from '../../src/candles/candles.js';
import type { FeatureStream } from '../../src/features/feature-recipe.js';
import type { FeatureSet } from '../../src/features/feature-set.js';

export function pushRow(stream: FeatureStream, candles: Candles, row: number): Float64Array {
  return stream.push(candles.time[row], candles.open[row], candles.high[row], candles.low[row], candles.close[row], candles.volume[row]);
}

export interface CompareOptions {
  /** Rows before which the stream is saved, and a new one goes on from the bytes. */
  readonly restarts?: readonly number[];
  /** The batch to compare with; computed where not given. */
  readonly columns?: readonly Float64Array[];
}

/**
 * The first five places where a stream, from a cold start, gives anything else than the batch: not one bit may differ
 * (NaN is NaN; -0 is not 0).
 */
export function differencesFromBatch(open: () => FeatureStream, set: FeatureSet, candles: Candles, { restarts = [], columns }: CompareOptions = {}): string[] {
  const batch = columns ?? computeFeatures(candles, set).columns;
  const restartBefore = new Set(restarts);
  const found: string[] = [];
  let stream = open();
  for (let row = 0; row < candles.time.length && found.length < 5; row++) {
    if (restartBefore.has(row)) {
      const state = stream.save();
      stream = open();
      stream.restore(state);
    }
    const values = pushRow(stream, candles, row);
    for (let f = 0; f < batch.length; f++) {
      if (!Object.is(values[f], batch[f][row])) found.push(`${set.columns[f]} row ${row}: ${values[f]} instead of ${batch[f][row]}`);
    }
  }
  return found;
}
