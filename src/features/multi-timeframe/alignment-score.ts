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
  const votes = new Uint8Array(rows);
  for (const close of closes) castVotes(close, votes, first);
  const tf_alignment_score = new Float64Array(rows).fill(NaN, 0, first);
  const tf_alignment_direction = new Float64Array(rows).fill(NaN, 0, first);
  const tf_alignment_strength = new Float64Array(rows).fill(NaN, 0, first);
  const outcomes = outcomesOf(closes.length);
  for (let i = first; i < rows; i++) {
    tf_alignment_score[i] = outcomes.score[votes[i]];
    tf_alignment_direction[i] = outcomes.direction[votes[i]];
    tf_alignment_strength[i] = outcomes.strength[votes[i]];
  }
  return { tf_alignment_score, tf_alignment_direction, tf_alignment_strength };
}

/** What each possible vote means, given how many series vote. */
function outcomesOf(voters: number): { score: Float64Array; direction: Float64Array; strength: Float64Array } {
  const score = Float64Array.from({ length: 256 }, (_, vote) => Math.max(vote >> 4, vote & 15) / voters);
  return { score, direction: score.map((value) => (value > AGREE ? 1 : value < DISAGREE ? -1 : 0)), strength: score.map((value) => 2 * Math.abs(value - 0.5)) };
}

/** Counts one series: risen in the upper four bits of a row's vote, fallen in the lower. */
function castVotes(close: Float64Array, votes: Uint8Array, first: number): void {
  for (let i = first; i < close.length; i++) {
    const now = close[i];
    const before = close[i - LAG];
    votes[i] += (Number(now > before) << 4) + Number(now < before);
  }
}

function firstNumber(values: Float64Array): number {
  const row = values.findIndex((value) => !Number.isNaN(value));
  return row < 0 ? values.length : row;
}
