/**
 * The last values of a series, kept sorted: one goes, one comes, and only what lies between them moves.
 * For order statistics over short windows; holds no NaN.
 */
export class SortedWindow {
  /** Sorted values, then Infinity: a search may look past the last one. */
  readonly #sorted: Float64Array;
  /** The largest power of two up to the capacity. */
  readonly #firstStep: number;
  #size = 0;

  constructor(capacity: number) {
    this.#firstStep = 2 ** Math.floor(Math.log2(capacity));
    this.#sorted = new Float64Array(2 * this.#firstStep).fill(Infinity);
  }

  get size(): number {
    return this.#size;
  }

  /** The value of that rank, 0 = smallest. */
  at(rank: number): number {
    return this.#sorted[rank];
  }

  /** How many values are smaller: a binary search in steps that do not depend on what it finds, which processors like. */
  countBelow(value: number): number {
    const sorted = this.#sorted;
    let count = 0;
    for (let step = this.#firstStep; step > 0; step >>= 1) if (sorted[count + step - 1] < value) count += step;
    return count;
  }

  /** Takes a value in; there must be room. Returns its rank. */
  add(value: number): number {
    return this.#settle(this.#size++, value);
  }

  /** Takes `value` in for `old`, which must be there. Returns the rank of `value`. */
  replace(old: number, value: number): number {
    return this.#settle(this.countBelow(old), value);
  }

  /** Puts `value` into the hole at `rank` and moves it to where it belongs. */
  #settle(rank: number, value: number): number {
    const sorted = this.#sorted;
    const last = this.#size - 1;
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
