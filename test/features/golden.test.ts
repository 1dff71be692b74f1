import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../src/features/compute-features.js';
import { FEATURE_SETS } from '../../src/features/feature-sets.js';
import { goldenCandles, goldenFeatures } from '../support/golden.js';
import type { GoldenName } from '../support/golden.js';

/** Whole numbers, ranks and copied prices: equal in every row, or wrong. */
const EXACT = /^(session_|day_of_week|is_weekend|volatility_|tf_alignment_|atr_percentile|(5m|15m|1h)_(open|high|low|close))/;

/** How far float64 may differ: pandas' running variance drifts, everything else is the same sums in another order. */
function tolerance(column: string, expected: number): number {
  if (EXACT.test(column)) return 0;
  if (column === 'bb_high' || column === 'bb_low') return 1e-8 * Math.abs(expected);
  if (column === 'bb_width') return 1e-8;
  if (column === 'bb_position') return 1e-5;
  return Math.max(1e-9 * Math.abs(expected), 1e-9);
}

/** The golden files are of the original's features; `v3-…` is ours alone. */
const ORIGINAL_SETS = FEATURE_SETS.filter(({ name }) => name === 'v1-31' || name === 'v2-50');

function differences(name: GoldenName, set: (typeof FEATURE_SETS)[number]): string[] {
  const candles = goldenCandles(name);
  const golden = goldenFeatures(name, set);
  const { columns } = computeFeatures(candles, set);
  const found: string[] = [];
  set.columns.forEach((column, f) => {
    const expected = golden.get(column)!;
    for (let row = 0; row < candles.time.length; row++) {
      if (column === 'bb_position' && golden.get('bb_width')![row] < 1e-6) continue;
      const same = Number.isNaN(expected[row]) ? Number.isNaN(columns[f][row]) : Math.abs(columns[f][row] - expected[row]) <= tolerance(column, expected[row]);
      if (!same) found.push(`${column} row ${row}: ${columns[f][row]} instead of ${expected[row]}`);
    }
  });
  return found.slice(0, 5);
}

describe.each(['walk', 'edge'] as const)('golden %s, computed with pandas 3 and ta 0.11', (name) => {
  it.each(ORIGINAL_SETS.map((set) => [`${set.name} ${set.alignment}`, set] as const))('%s: every column, every row', (_, set) => {
    expect([...goldenFeatures(name, set).keys()]).toEqual(set.columns);
    expect(differences(name, set)).toEqual([]);
  });
});
