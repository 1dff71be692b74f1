/** The `count` names nearest to `name` by edit distance, those that share its beginning first among equals. */
export function nearNames(name: string, names: readonly string[], count = 5): readonly string[] {
  const wanted = name.toUpperCase();
  return names
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toUpperCase()) - (candidate[0]?.toUpperCase() === wanted[0] ? 0.5 : 0) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
