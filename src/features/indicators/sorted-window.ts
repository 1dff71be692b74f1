/** Windows hold fewer values than this. */
const SLOTS = 128;

/**
 * The last values of a series, kept sorted: one goes, one comes, and only what lies between them moves.
 * For order statistics over windows of up to 127 rows; holds no NaN.
 */
export class SortedWindow {
  /** Sorted values, then Infinity: a search may look past the last one. */
  private readonly sorted = new Float64Array(SLOTS).fill(Infinity);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The value of that rank, 0 = smallest. */
  at(rank: number): number {
    return this.sorted[rank];
  }

  /** How many values are smaller: a binary search, unrolled: its steps do not depend on what it finds. */
  countBelow(value: number): number {
    const { sorted } = this;
    let last = -1;
    if (sorted[last + 64] < value) last += 64;
    if (sorted[last + 32] < value) last += 32;
    if (sorted[last + 16] < value) last += 16;
    if (sorted[last + 8] < value) last += 8;
    if (sorted[last + 4] < value) last += 4;
    if (sorted[last + 2] < value) last += 2;
    if (sorted[last + 1] < value) last += 1;
    return last + 1;
  }

  /** Takes a value in; there must be room. Returns its rank. */
  add(value: number): number {
    return this.settle(this.count++, value);
  }

  /** Takes `value` in for `old`, which must be there. Returns the rank of `value`. */
  replace(old: number, value: number): number {
    return this.settle(this.countBelow(old), value);
  }

  /** Puts `value` into the hole at `rank` and moves it to where it belongs. */
  private settle(rank: number, value: number): number {
    const { sorted } = this;
    const last = this.count - 1;
    while (rank < last && sorted[rank + 1] < value) {
      sorted[rank] = sorted[rank + 1];
      rank++;
    }
    while (rank > 0 && sorted[rank - 1] > value) {
      sorted[rank] = sorted[rank - 1];
      rank--;
    }
    sorted[rank] = value;
    return rank;
  }
}
