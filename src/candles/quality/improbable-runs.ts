/** Rows `[from, to)`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** A week of minutes; a run is judged by its own block and those beside it. */
const blockRows = 10_080;
/** Runs of a length that must be known before their share says anything of longer ones. */
const enoughRuns = 20;
const longestCounted = 64;
/** Runs as long that chance alone may give in the whole series. */
const expectedByChance = 1e-3;

/**
 * Runs in which every row is marked, and which are longer than this series has them by chance. How usual runs are is
 * read from their lengths within a week either way, the run itself left out: of the runs of length k, a share goes on
 * to k + 1; the greatest such share is taken on beyond the lengths that are well known. So an illiquid series, where
 * standing still is the rule, needs a far longer run than a liquid one.
 * @param least no shorter run is given.
 */
export function improbableRuns(marked: Uint8Array, least: number): readonly RowRange[] {
  const rows = marked.length;
  const blocks = Math.ceil(rows / blockRows);
  // survivors[block * longestCounted + k - 1]: runs beginning in the block of at least k rows.
  const survivors = new Float64Array(Math.max(1, blocks) * longestCounted);
  const candidates: RowRange[] = [];
  for (let row = 0; row < rows; row++) {
    if (marked[row] === 0) continue;
    const from = row;
    while (row < rows && marked[row] === 1) row++;
    const base = Math.floor(from / blockRows) * longestCounted;
    for (let k = 0; k < Math.min(row - from, longestCounted); k++) survivors[base + k]++;
    if (row - from >= least) candidates.push({ from, to: row });
  }
  return candidates.filter((run) => expectedRuns(run, survivors, rows) < expectedByChance);
}

/** Runs at least as long to be expected in `rows` rows. */
function expectedRuns({ from, to }: RowRange, survivors: Float64Array, rows: number): number {
  const length = to - from;
  const block = Math.floor(from / blockRows);
  const last = survivors.length / longestCounted - 1;
  const [first, end] = [Math.max(0, block - 1), Math.min(last, block + 1)];
  const known = (k: number): number => {
    let count = k <= length && k <= longestCounted ? -1 : 0;
    for (let at = first; at <= end; at++) count += k <= longestCounted ? survivors[at * longestCounted + k - 1] : 0;
    return count;
  };
  let goesOn = (known(2) + 1) / (known(1) + enoughRuns);
  let deep = 1;
  while (deep < Math.min(length, longestCounted) && known(deep) >= enoughRuns) {
    goesOn = Math.max(goesOn, (known(deep + 1) + 1) / (known(deep) + 1));
    if (known(deep + 1) < enoughRuns) break;
    deep++;
  }
  const blocksOfAll = Math.max(1, rows / blockRows / (end - first + 1));
  return (known(deep) + 1) * goesOn ** (length - deep) * blocksOfAll;
}
