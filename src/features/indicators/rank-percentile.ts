/**
 * Rank of each value among the last `window` rows (2 or more) including itself, over `window`: average rank where values
 * tie, so `1/window .. 1`. NaN until the window is full.
 *
 * The window is a linked list in order of value, ties in order of arrival. A new value is looked for from the one before
 * it, which as a rule is near, and its rank follows from the steps taken: three times faster than a search from outside.
 */
export function rankPercentile(values: Float64Array, window: number): Float64Array {
  const rows = values.length;
  const percentile = new Float64Array(rows).fill(NaN, 0, Math.min(window - 1, rows));
  const first = 0;
  const last = window + 1;
  const held = new Float64Array(window + 2);
  const next = new Int32Array(window + 2);
  const previous = new Int32Array(window + 2);
  [held[first], held[last], next[first], previous[last]] = [-Infinity, Infinity, last, first];

  let slot = 0;
  let newest = first;
  let newestValue = -Infinity;
  /** How many of the window stand before the newest, and how many of those are equal to it. */
  let before = -1;
  let tied = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i];
    slot = slot === window ? 1 : slot + 1;
    if (i >= window) {
      next[previous[slot]] = next[slot];
      previous[next[slot]] = previous[slot];
      // The oldest stands before all that are equal to it.
      if (held[slot] <= newestValue) before--;
      if (held[slot] === newestValue) tied--;
    }
    let left = newest;
    if (value >= newestValue) {
      while (held[next[left]] <= value) {
        left = next[left];
        before++;
      }
      before++;
    } else {
      do {
        left = previous[left];
        before--;
      } while (held[left] > value);
      before++;
    }
    if (value === newestValue) tied++;
    else {
      tied = 0;
      for (let other = left; held[other] === value; other = previous[other]) tied++;
    }
    const right = next[left];
    held[slot] = value;
    next[slot] = right;
    previous[slot] = left;
    next[left] = slot;
    previous[right] = slot;
    newest = slot;
    newestValue = value;
    if (i >= window - 1) percentile[i] = (before - tied + (tied + 2) / 2) / window;
  }
  return percentile;
}
