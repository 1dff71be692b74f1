import type { Windows } from '../../datasets/windows.js';
import type { Layout } from './build-onnx.js';

/**
 * Copies windows `from..to` into `target`, `[time, batch, features]` or `[batch, time, features]`. Time first, windows
 * that follow row by row share one copy a time step: 60 copies cut a whole batch.
 */
export function cutBatch(windows: Windows, from: number, to: number, layout: Layout, target: Float32Array): void {
  const { rows, featureCount, length, ends } = windows;
  const batch = to - from;
  if (layout === 'batch-first') {
    for (let window = from; window < to; window++) {
      const first = (ends[window] - length + 1) * featureCount;
      target.set(rows.subarray(first, first + length * featureCount), (window - from) * length * featureCount);
    }
    return;
  }
  for (let runStart = from; runStart < to; ) {
    let runEnd = runStart + 1;
    while (runEnd < to && ends[runEnd] === ends[runEnd - 1] + 1) runEnd++;
    for (let step = 0; step < length; step++) {
      const first = (ends[runStart] - length + 1 + step) * featureCount;
      const count = (runEnd - runStart) * featureCount;
      target.set(rows.subarray(first, first + count), (step * batch + runStart - from) * featureCount);
    }
    runStart = runEnd;
  }
}
