/**
 * Mean over the last `window` rows including the row itself; the rows there are at the head.
 * Each window is summed afresh: a running sum would drift, and equal windows must give equal means (ranks need ties).
 */
export function trailingMean(values: Float64Array, window: number): Float64Array {
  const rows = values.length;
  const mean = new Float64Array(rows);
  const head = Math.min(window - 1, rows);
  for (let i = 0; i < head; i++) {
    let sum = 0;
    for (let j = i; j >= 0; j--) sum += values[j];
    mean[i] = sum / (i + 1);
  }
  for (let i = head; i < rows; i++) {
    let sum = 0;
    const oldest = i - window + 1;
    for (let j = i; j >= oldest; j--) sum += values[j];
    mean[i] = sum / window;
  }
  return mean;
}
