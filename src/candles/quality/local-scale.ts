/** Rows a scale is taken over: about an hour. */
const blockRows = 64;
/** The greatest tenth of an hour, six at the most, is left out: a few wild rows must not hide themselves. */
const mostLeftOut = 6;
/** Of fewer rows that are not 0 an hour says nothing: what is usual in the series holds. */
const enoughRows = 20;

/**
 * How large `values` (none below 0) usually are around each row: 1.25 times the mean of the lower nine tenths of its hour, the greatest of
 * that hour and those beside it, and at least half of what is usual in the whole series. Rows that are 0 are left out: a
 * market that mostly stands still moves as far as any when it moves. One value a row.
 */
export function localScale(values: Float64Array): Float64Array {
  const blocks = Math.max(1, Math.ceil(values.length / blockRows));
  const means = new Float64Array(blocks);
  for (let block = 0; block < blocks; block++) means[block] = lowerMean(values, block * blockRows, Math.min(values.length, (block + 1) * blockRows), enoughRows);
  const known = means.filter((mean) => mean > 0).sort();
  const usual = known.length > 0 ? known[known.length >> 1] : lowerMean(values, 0, values.length, 1);
  const scale = new Float64Array(values.length);
  for (let block = 0; block < blocks; block++) {
    const around = Math.max(means[block], means[Math.max(0, block - 1)], means[Math.min(blocks - 1, block + 1)]);
    scale.fill(Math.max(around === 0 ? usual : around, usual / 2, Number.MIN_VALUE), block * blockRows, (block + 1) * blockRows);
  }
  return scale;
}

/** 1.25 times the mean of what is above 0, without its greatest tenth; 0 where fewer than `least` are. */
function lowerMean(values: Float64Array, from: number, to: number, least: number): number {
  const top = new Float64Array(mostLeftOut);
  let sum = 0;
  let count = 0;
  for (let row = from; row < to; row++) {
    let value = values[row];
    if (value === 0) continue;
    sum += value;
    count++;
    for (let at = 0; at < mostLeftOut && value > top[at]; at++) {
      const less = top[at];
      top[at] = value;
      value = less;
    }
  }
  if (count < least || count === 0) return 0;
  const out = Math.min(mostLeftOut, Math.floor(count / 10));
  for (let at = 0; at < out; at++) sum -= top[at];
  return (1.25 * sum) / (count - out);
}

/** Order statistics a tail is read from: from the r-th greatest to ten times as deep. */
const ranks = [10, 30, 90];
/** No market's tail is heavier (a variance exists); one that looks so is full of what is looked for. */
const heaviestExponent = 2;

/**
 * What the greatest of these scores exceeds `expected` times by chance, and no less than `least`: a Pareto tail carried on from two
 * order statistics. Market moves have such tails with exponents near 3 to 5 (Gopikrishnan et al. 1999), so a fixed number of
 * scales would not do. The topmost scores are left out, since they may be what is looked for; the lowest threshold of three
 * depths is taken, since where they are many the shallow ones are theirs.
 * @param scores those that are 0 count for nothing.
 */
export function tailThreshold(scores: Float64Array, expected: number, least: number): number {
  const sorted = topScores(scores, least / 20).sort();
  let threshold = Infinity;
  for (const upper of ranks) {
    const lower = upper * 10;
    if (lower > sorted.length / 2) break;
    const high = sorted[sorted.length - upper];
    const low = sorted[sorted.length - lower];
    const exponent = Math.max(heaviestExponent, Math.log(lower / upper) / Math.log(high / low));
    threshold = Math.min(threshold, high * (upper / expected) ** (1 / exponent));
  }
  return threshold === Infinity ? least : Math.max(least, threshold);
}

/** Those above `cut`, and of too many the greatest few thousand. */
function topScores(scores: Float64Array, cut: number): Float64Array {
  const least = 2 * 10 * Math.max(...ranks);
  let top = scores.filter((score) => score > cut);
  for (let above = cut * 1.5; top.length > 8 * least; above *= 1.5) {
    const fewer = top.filter((score) => score > above);
    if (fewer.length < least) break;
    top = fewer;
  }
  return top;
}
