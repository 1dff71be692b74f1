/** Open times from `from` up to, not including, `to`; ms since the epoch, UTC, whole minutes. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The ranges in order, with those that touch or overlap joined; empty ones are left out. */
export function mergeRanges(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const merged: TimeRange[] = [];
  for (const { from, to } of ranges.filter((range) => range.from < range.to).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.to) merged.push({ from, to });
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return merged;
}

/** What of `wanted` no range of `covered` holds, in order. */
export function missingRanges(wanted: TimeRange, covered: readonly TimeRange[]): readonly TimeRange[] {
  const missing: TimeRange[] = [];
  let from = wanted.from;
  for (const range of mergeRanges(covered)) {
    if (range.to <= from) continue;
    if (range.from >= wanted.to) break;
    if (range.from > from) missing.push({ from, to: range.from });
    from = range.to;
  }
  if (from < wanted.to) missing.push({ from, to: wanted.to });
  return missing;
}

/** The first row at or after a time; the number of rows where there is none. @param time sorted. */
export function rowAtOrAfter(time: Float64Array, ms: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
