import type { Candles } from '../candles/candles.js';
import type { FeatureSet } from './feature-set.js';
import { averageTrueRange } from './indicators/average-true-range.js';
import { regimeByPercentile } from './indicators/volatility-regime.js';
import type { NamedColumns } from './named-columns.js';

/** Whether what is given in a row is what rounding in the last digits could have made of it. */
export type NearTie = (row: number, given: number) => boolean;

/**
 * Two ranges closer than this share of the current one (and of close, where the range is nothing) may come out in
 * either order, or equal: a sum in another order errs by 1e-13 of it, over a million rows by 1e-11. Storage as float32
 * does not count here: ranks are made before it.
 */
const CLOSE_RANGES = 1e-9;
const CLOSE_PRICES = 1e-13;

const RANKED_ROWS = 100;
const QUANTILE_ROWS = 20;
const REGIMES = ['volatility_low', 'volatility_medium', 'volatility_high'] as const;

/** For `atr_percentile` and `volatility_*` of a set: which other values a near tie explains. */
export function nearTies(given: NamedColumns, candles: Candles, { name, alignment }: FeatureSet): (column: string) => NearTie {
  const ranked = averageTrueRange(candles, alignment === 'legacy-a' ? 20 : 14);
  if (name === 'v2-50' && alignment !== 'legacy-a') {
    return (column) => (column === 'atr_percentile' ? rankNearTie(ranked, candles.close) : regimeOfPercentile(given, column));
  }
  const regime = quantileNearTie(given, averageTrueRange(candles), candles.close);
  return (column) => (column === 'atr_percentile' ? rankNearTie(ranked, candles.close) : regime);
}

function closeness(range: number, close: number): number {
  return CLOSE_RANGES * range + CLOSE_PRICES * close;
}

/** A rank among the last 100 that near ties could give, at most one step from the rank by the ranges as computed. */
function rankNearTie(range: Float64Array, close: Float64Array): NearTie {
  return (row, given) => {
    const current = range[row];
    const margin = closeness(current, close[row]);
    let [below, lower, equal, near] = [0, 0, 0, 0];
    for (let other = row - RANKED_ROWS + 1; other <= row; other++) {
      const distance = range[other] - current;
      if (distance < 0) below++;
      else if (distance === 0) equal++;
      if (Math.abs(distance) <= margin) near++;
      else if (distance < 0) lower++;
    }
    const rank = halfSteps(given) / 2;
    const computed = below + (equal + 1) / 2;
    return Math.abs(given * RANKED_ROWS - rank) < 1e-4 && rank >= lower + 1 && rank <= lower + near && Math.abs(rank - computed) <= 1;
  };
}

function halfSteps(percentile: number): number {
  return Math.round(2 * RANKED_ROWS * percentile);
}

/** The regime that the percentile in the same row gives; that one has its own rule. */
function regimeOfPercentile({ atr_percentile: percentile }: NamedColumns, column: string): NearTie {
  return (row, given) => {
    // Stored as float32, 0.33 is above 0.33: the ranks are multiples of a half.
    const regime = regimeByPercentile(Float64Array.of(halfSteps(percentile[row]) / (2 * RANKED_ROWS)));
    return given === regime[column][0];
  };
}

/** One regime, and one that a range next to a quantile of the last 20 could have been given. */
function quantileNearTie(given: NamedColumns, range: Float64Array, close: Float64Array): NearTie {
  return (row) => {
    const [low, medium, high] = REGIMES.map((column) => given[column][row]);
    if (![low, medium, high].every((value) => value === 0 || value === 1) || low + medium + high !== 1) return false;
    const sorted = range.slice(row - QUANTILE_ROWS + 1, row + 1).sort();
    const margin = closeness(range[row], close[row]);
    const aboveLower = range[row] - quantileOf(sorted, 0.33);
    const aboveUpper = range[row] - quantileOf(sorted, 0.67);
    if (high === 1) return aboveUpper >= -margin;
    if (low === 1) return aboveLower < margin && aboveUpper < margin;
    return aboveLower >= -margin && aboveUpper < margin;
  };
}

function quantileOf(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const rank = Math.floor(position);
  return sorted[rank] + (sorted[Math.min(rank + 1, sorted.length - 1)] - sorted[rank]) * (position - rank);
}
