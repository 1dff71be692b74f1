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
  const odd = window % 2;
  for (let i = head; i < rows; i++) {
    // Two strands that do not wait for each other.
    let a = odd === 1 ? values[i] : 0;
    let b = 0;
    for (let j = i - odd; j > i - window; j -= 2) {
      a += values[j];
      b += values[j - 1];
    }
    mean[i] = (a + b) / window;
  }
  return mean;
}
