import type { NamedColumns } from '../named-columns.js';

/** Change is measured over this many ROWS of the 1-minute grid, whatever the timeframe. */
const LAG = 5;
const AGREE = 0.66;
const DISAGREE = 0.34;

/**
 * How far the timeframes move together: `closes` are the 1-minute close and each timeframe's joined close (NaN at the
 * head only). With P series risen and N fallen over 5 rows, of n: score = max(P, N) / n; direction = 1 if score > 0.66,
 * -1 if < 0.34, else 0; strength = 2 |score - 0.5|. Read literally: direction is not the market's (four falling series
 * give 1, nothing moving gives -1), and strength is 1 for full agreement as well as for no movement.
 * All three are NaN until every series has a change.
 */
export function alignmentScore(closes: readonly Float64Array[]): NamedColumns {
  const rows = closes[0].length;
  const first = Math.min(rows, LAG + Math.max(...closes.map(firstNumber)));
  const tf_alignment_score = new Float64Array(rows).fill(NaN, 0, first);
  const tf_alignment_direction = new Float64Array(rows).fill(NaN, 0, first);
  const tf_alignment_strength = new Float64Array(rows).fill(NaN, 0, first);
  for (let i = first; i < rows; i++) {
    let risen = 0;
    let fallen = 0;
    for (let s = 0; s < closes.length; s++) {
      const now = closes[s][i];
      const before = closes[s][i - LAG];
      if (now > before) risen++;
      else if (now < before) fallen++;
    }
    const score = (risen > fallen ? risen : fallen) / closes.length;
    tf_alignment_score[i] = score;
    tf_alignment_direction[i] = score > AGREE ? 1 : score < DISAGREE ? -1 : 0;
    tf_alignment_strength[i] = 2 * Math.abs(score - 0.5);
  }
  return { tf_alignment_score, tf_alignment_direction, tf_alignment_strength };
}

function firstNumber(values: Float64Array): number {
  const row = values.findIndex((value) => !Number.isNaN(value));
  return row < 0 ? values.length : row;
}
