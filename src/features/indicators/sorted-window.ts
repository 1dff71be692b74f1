/**
 * The last values of a series, kept sorted: one goes, one comes, and only what lies between them moves.
 * For order statistics over short windows; holds no NaN.
 */
export class SortedWindow {
  readonly #sorted: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#sorted = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The value of that rank, 0 = smallest. */
  at(rank: number): number {
    return this.#sorted[rank];
  }

  /** How many values are smaller. */
  countBelow(value: number): number {
    const sorted = this.#sorted;
    let from = 0;
    let to = this.#size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (sorted[middle] < value) from = middle + 1;
      else to = middle;
    }
    return from;
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
