import type { Windows } from '../../datasets/windows.js';
import type { ScoringPool } from './scoring-pool.js';
import type { JobControl } from '../../progress.js';

/** Stretches of a series, all of one length, that together hold a prediction for every end. */
export interface SeriesChunks {
  /** Each chunk as one long window, over the same rows. */
  readonly chunks: Windows;
  /** Predictions of a chunk: one a row, beginning with the first that has a whole window before it. */
  readonly predictions: number;
  /** `[windows]`: where each window's prediction stands among those of all chunks. */
  readonly places: Int32Array;
}

/**
 * Covers the windows' ends with chunks of `predictions` rows, each lengthened by the rows before it that its first
 * prediction needs. Where nothing is asked nothing is computed; no chunk reaches beyond the rows.
 */
export function cutChunks(windows: Windows, predictions: number): SeriesChunks {
  const { rowCount, length, ends } = windows;
  const each = Math.max(1, Math.min(predictions, rowCount - length + 1));
  const lasts: number[] = [];
  const places = new Int32Array(ends.length);
  let last = -1;
  for (let window = 0; window < ends.length; window++) {
    if (ends[window] > last) {
      last = Math.min(ends[window] + each - 1, rowCount - 1);
      lasts.push(last);
    }
    places[window] = lasts.length * each - 1 - (last - ends[window]);
  }
  return { chunks: { ...windows, length: length + each - 1, ends: Int32Array.from(lasts) }, predictions: each, places };
}

/** P(up) of every window, `[windows]`, from a model that predicts every row of a chunk at once. */
export async function scoreSeries(pool: ScoringPool, windows: Windows, predictions: number, label: string, control: JobControl): Promise<Float64Array> {
  const { chunks, predictions: each, places } = cutChunks(windows, predictions);
  const share = windows.ends.length / Math.max(1, chunks.ends.length);
  const { signal, onProgress } = control;
  const scaled: JobControl = {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress: ({ done, ...rest }) => onProgress({ ...rest, done: Math.round(done * share), total: windows.ends.length }) }),
  };
  const all = await pool.score(chunks, 1, label, scaled, each);
  return Float64Array.from(places, (place) => all[place]);
}
