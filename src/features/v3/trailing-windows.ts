/**
 * Kernels over the last `rows` values, the row itself included; NaN where a window is cut off. What stands in rows before
 * `from` is not to be read: nobody asked for it. A value is always put together in the same order, whatever came before its window: no running
 * sum, no drift, and the same bits for one row as for all.
 */

/** Where fewer rows than this are wanted, each is added up by itself. */
const FEW = 8;

/**
 * Sum over the last `rows` values; NaN where a window holds a NaN. Sums of 1, 2, 4, 8 ... rows, each made of two of the
 * last kind, are joined to the length wanted, in `log2(rows)` passes.
 */
export function trailingSum(values: Float64Array, rows: number, from = 0): Float64Array {
  if (from > values.length - FEW) return eachWhole(values, rows, from, (row) => sumEndingAt(values, rows, row));
  return cutOff(doubling(values, rows, join), rows);
}

/** Mean over the last `rows` values; NaN where a window holds a NaN. */
export function trailingMean(values: Float64Array, rows: number, from = 0): Float64Array {
  const mean = trailingSum(values, rows, from);
  for (let row = from; row < mean.length; row++) mean[row] /= rows;
  return mean;
}

/** Sums over the last `rows` values: `sums` as they are, `ageSums` each times its age in rows, 0 for the newest. */
export function trailingAgeSums(values: Float64Array, rows: number, from = 0): { readonly sums: Float64Array; readonly ageSums: Float64Array } {
  if (from > values.length - FEW) {
    return { sums: trailingSum(values, rows, from), ageSums: eachWhole(values, rows, from, (row) => ageSumEndingAt(values, rows, row)) };
  }
  const doubled = values.slice();
  const doubledAges = new Float64Array(values.length);
  const ageSums = new Float64Array(values.length);
  let sums: Float64Array | undefined;
  let covered = 0;
  for (let width = 1; width <= rows; width *= 2) {
    if ((rows & width) !== 0) {
      joinAges(ageSums, doubledAges, doubled, covered);
      if (sums === undefined) sums = doubled.slice();
      else join(sums, doubled, covered);
      covered += width;
    }
    if (2 * width > rows) break;
    joinAges(doubledAges, doubledAges, doubled, width);
    join(doubled, doubled, width);
  }
  return { sums: cutOff(sums!, rows), ageSums: cutOff(ageSums, rows) };
}

function join(into: Float64Array, sums: Float64Array, back: number): void {
  for (let row = into.length - 1; row >= back; row--) into[row] += sums[row - back];
}

function joinAges(into: Float64Array, ages: Float64Array, sums: Float64Array, back: number): void {
  for (let row = into.length - 1; row >= back; row--) into[row] += ages[row - back] + back * sums[row - back];
}

/** Largest of the last `rows` values. */
export function trailingMax(values: Float64Array, rows: number, from = 0): Float64Array {
  if (from > values.length - FEW) {
    return eachWhole(values, rows, from, (row) => {
      let most = values[row];
      for (let back = 1; back < rows; back++) if (values[row - back] > most) most = values[row - back];
      return most;
    });
  }
  return cutOff(
    doubling(values, rows, (into, other, back) => {
      for (let row = into.length - 1; row >= back; row--) if (other[row - back] > into[row]) into[row] = other[row - back];
    }),
    rows,
  );
}

/** Smallest of the last `rows` values. */
export function trailingMin(values: Float64Array, rows: number, from = 0): Float64Array {
  if (from > values.length - FEW) {
    return eachWhole(values, rows, from, (row) => {
      let least = values[row];
      for (let back = 1; back < rows; back++) if (values[row - back] < least) least = values[row - back];
      return least;
    });
  }
  return cutOff(
    doubling(values, rows, (into, other, back) => {
      for (let row = into.length - 1; row >= back; row--) if (other[row - back] < into[row]) into[row] = other[row - back];
    }),
    rows,
  );
}

/** Rows since the highest of the last `rows` values, the latest where several are. */
export function rowsSinceHighest(values: Float64Array, rows: number, from = 0): Float64Array {
  return rowsSince(values, rows, from, 1);
}

/** Rows since the lowest of the last `rows` values, the latest where several are. */
export function rowsSinceLowest(values: Float64Array, rows: number, from = 0): Float64Array {
  return rowsSince(values, rows, from, -1);
}

function rowsSince(values: Float64Array, rows: number, from: number, sign: 1 | -1): Float64Array {
  const since = new Float64Array(values.length);
  since.fill(NaN, from, Math.max(from, rows - 1));
  const start = Math.max(0, from - rows + 1);
  // Rows of falling values, each the highest of all after it: the first is the window's.
  const candidates = new Int32Array(values.length - start);
  let first = 0;
  let end = 0;
  for (let row = start; row < values.length; row++) {
    while (end > first && sign * values[candidates[end - 1]] <= sign * values[row]) end--;
    candidates[end++] = row;
    if (candidates[first] <= row - rows) first++;
    if (row >= rows - 1 && row >= from) since[row] = row - candidates[first];
  }
  return since;
}

/** Joins each row of `into` with the row of `other` that stands `back` earlier; goes backwards, so that both may be one array. */
type Join = (into: Float64Array, other: Float64Array, back: number) => void;

function doubling(values: Float64Array, rows: number, joinTo: Join): Float64Array {
  const doubled = values.slice();
  let result: Float64Array | undefined;
  let covered = 0;
  for (let width = 1; width <= rows; width *= 2) {
    if ((rows & width) !== 0) {
      if (result === undefined) result = doubled.slice();
      else joinTo(result, doubled, covered);
      covered += width;
    }
    if (2 * width <= rows) joinTo(doubled, doubled, width);
  }
  return result!;
}

const cutOff = (values: Float64Array, rows: number): Float64Array => values.fill(NaN, 0, Math.min(rows - 1, values.length));

function eachWhole({ length }: Float64Array, rows: number, from: number, value: (row: number) => number): Float64Array {
  const values = new Float64Array(length);
  values.fill(NaN, from, Math.max(from, rows - 1));
  for (let row = Math.max(from, rows - 1); row < length; row++) values[row] = value(row);
  return values;
}

/** The sum of `doubling`, for one row. */
function sumEndingAt(values: Float64Array, rows: number, row: number): number {
  let sum = 0;
  let covered = 0;
  for (let width = 1; width <= rows; width *= 2) {
    if ((rows & width) === 0) continue;
    const part = doubledSum(values, width, row - covered);
    sum = covered === 0 ? part : sum + part;
    covered += width;
  }
  return sum;
}

function doubledSum(values: Float64Array, width: number, row: number): number {
  if (width === 1) return values[row];
  if (width === 2) return values[row] + values[row - 1];
  if (width === 4) return values[row] + values[row - 1] + (values[row - 2] + values[row - 3]);
  return doubledSum(values, width / 2, row) + doubledSum(values, width / 2, row - width / 2);
}

function ageSumEndingAt(values: Float64Array, rows: number, row: number): number {
  let total = 0;
  let covered = 0;
  for (let width = 1; width <= rows; width *= 2) {
    if ((rows & width) === 0) continue;
    total += doubledAgeSum(values, width, row - covered) + covered * doubledSum(values, width, row - covered);
    covered += width;
  }
  return total;
}

function doubledAgeSum(values: Float64Array, width: number, row: number): number {
  if (width === 1) return 0;
  if (width === 2) return values[row - 1];
  const half = width / 2;
  return doubledAgeSum(values, half, row) + (doubledAgeSum(values, half, row - half) + half * doubledSum(values, half, row - half));
}
