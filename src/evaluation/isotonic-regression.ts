import { InputError } from '../errors.js';

/** A rising curve through `(score, probability)` points, straight between them and level beyond the outermost. */
export interface IsotonicCurve {
  /** Strictly increasing, `[points]`. */
  readonly score: Float64Array;
  /** Not decreasing, in [0, 1], `[points]`. */
  readonly probability: Float64Array;
}

/**
 * The rising curve nearest to the labels in squares, by pooling adjacent violators (Ayer et al. 1955), as scikit-learn's
 * `IsotonicRegression(out_of_bounds='clip')`. Equal scores count as one point. Fit it on validation windows only.
 * @throws InputError `nothing-to-calibrate` without a single window.
 */
export function fitIsotonic(scores: ArrayLike<number>, label: ArrayLike<number>): IsotonicCurve {
  if (scores.length === 0) throw new InputError('no validation window to calibrate on', { code: 'nothing-to-calibrate', hint: 'give more candles' });
  const pools: Pool[] = [];
  for (const pool of distinctScores(scores, label)) {
    let merged = pool;
    for (let before = pools.at(-1); before !== undefined && before.sum * merged.count >= merged.sum * before.count; before = pools.at(-1)) {
      pools.pop();
      merged = { first: before.first, last: merged.last, sum: before.sum + merged.sum, count: before.count + merged.count };
    }
    pools.push(merged);
  }
  const points = pools.flatMap(({ first, last, sum, count }) => (first === last ? [first] : [first, last]).map((score) => [score, sum / count] as const));
  return { score: Float64Array.from(points, ([score]) => score), probability: Float64Array.from(points, ([, probability]) => probability) };
}

export function applyIsotonic({ score, probability }: IsotonicCurve, scores: ArrayLike<number>): Float64Array {
  return Float64Array.from(scores, (value) => {
    const right = firstAtOrAbove(score, value);
    if (right === 0) return probability[0];
    if (right === score.length) return probability[right - 1];
    const share = (value - score[right - 1]) / (score[right] - score[right - 1]);
    return probability[right - 1] + share * (probability[right] - probability[right - 1]);
  });
}

interface Pool {
  readonly first: number;
  readonly last: number;
  readonly sum: number;
  readonly count: number;
}

function distinctScores(scores: ArrayLike<number>, label: ArrayLike<number>): Pool[] {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => scores[a] - scores[b]);
  const pools: Pool[] = [];
  for (const index of order) {
    const last = pools.at(-1);
    if (last?.first === scores[index]) pools[pools.length - 1] = { ...last, sum: last.sum + label[index], count: last.count + 1 };
    else pools.push({ first: scores[index], last: scores[index], sum: label[index], count: 1 });
  }
  return pools;
}

/** Index of the first of `sorted` that is not below `value`; NaN is beyond all. */
function firstAtOrAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
