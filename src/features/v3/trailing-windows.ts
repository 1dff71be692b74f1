/**
 * Sum over the last `rows` values including the row itself; NaN where a window is cut off or holds a NaN.
 *
 * Sums of 1, 2, 4, 8 ... rows, each made of two of the last kind, are joined to the length wanted: a value is always
 * added up in the same order, whatever came before its window (no running sum, no drift), in `log2(rows)` passes.
 */
export function trailingSum(values: Float64Array, rows: number): Float64Array {
  return trailing(values, rows, (into, from, back) => {
    for (let row = into.length - 1; row >= back; row--) into[row] += from[row - back];
  });
}

/** Mean over the last `rows` values; NaN where a window is cut off or holds a NaN. */
export function trailingMean(values: Float64Array, rows: number): Float64Array {
  const mean = trailingSum(values, rows);
  for (let row = 0; row < mean.length; row++) mean[row] /= rows;
  return mean;
}

/** Largest of the last `rows` values; NaN where a window is cut off. */
export function trailingMax(values: Float64Array, rows: number): Float64Array {
  return trailing(values, rows, (into, from, back) => {
    for (let row = into.length - 1; row >= back; row--) if (from[row - back] > into[row]) into[row] = from[row - back];
  });
}

/** Smallest of the last `rows` values; NaN where a window is cut off. */
export function trailingMin(values: Float64Array, rows: number): Float64Array {
  return trailing(values, rows, (into, from, back) => {
    for (let row = into.length - 1; row >= back; row--) if (from[row - back] < into[row]) into[row] = from[row - back];
  });
}

/** The value `back` rows earlier; NaN at the head. */
export function earlier(values: Float64Array, back: number): Float64Array {
  const moved = new Float64Array(values.length).fill(NaN);
  moved.set(values.subarray(0, Math.max(0, values.length - back)), Math.min(back, values.length));
  return moved;
}

/** Joins each row of `into` with the row of `from` that stands `back` earlier; goes backwards, so that both may be one array. */
type Join = (into: Float64Array, from: Float64Array, back: number) => void;

function trailing(values: Float64Array, rows: number, join: Join): Float64Array {
  const doubling = values.slice();
  let result: Float64Array | undefined;
  let covered = 0;
  for (let width = 1; width <= rows; width *= 2) {
    if ((rows & width) !== 0) {
      if (result === undefined) result = doubling.slice();
      else join(result, doubling, covered);
      covered += width;
    }
    if (2 * width <= rows) join(doubling, doubling, width);
  }
  return result!.fill(NaN, 0, Math.min(rows - 1, values.length));
}

/** Rows since the highest of the last `rows` values, the latest where several are; NaN where a window is cut off. */
export function rowsSinceHighest(values: Float64Array, rows: number): Float64Array {
  const since = new Float64Array(values.length).fill(NaN);
  // Rows of falling values, each the highest of all after it: the first is the window's.
  const candidates = new Int32Array(values.length);
  let first = 0;
  let end = 0;
  for (let row = 0; row < values.length; row++) {
    while (end > first && values[candidates[end - 1]] <= values[row]) end--;
    candidates[end++] = row;
    if (candidates[first] <= row - rows) first++;
    if (row >= rows - 1) since[row] = row - candidates[first];
  }
  return since;
}
