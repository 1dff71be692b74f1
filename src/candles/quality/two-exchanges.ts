import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from './finding.js';
import { tailThreshold } from './local-scale.js';
import { span } from './spans.js';

const blockMinutes = 120;
const longestLag = 90;
/** An offset of the usual minute beyond this, and beyond its own noise, is said. */
const leastOffset = 10e-4;
/** A correlation at another lag that is no chance, and how much better than at none: 181 lags of 120 minutes reach 0.39 by chance. */
const leastCorrelation = 0.6;
const leastGain = 0.3;

export interface ComparedSeries {
  readonly name: string;
  readonly candles: Candles;
}

export interface Comparison {
  readonly minutes: number;
  readonly findings: readonly Finding[];
}

/** What two series of one symbol say of each other: stretches in which one is late, lasting offsets, minutes that disagree. @param a, b sorted, one row a minute. */
export function compareSeries(a: ComparedSeries, b: ComparedSeries): Comparison {
  const start = Math.max(a.candles.time[0], b.candles.time[0]);
  const end = Math.min(a.candles.time[a.candles.time.length - 1], b.candles.time[b.candles.time.length - 1]) + MINUTE_MS;
  const minutes = Math.floor((end - start) / MINUTE_MS);
  if (!(minutes > blockMinutes)) return { minutes: 0, findings: [] };
  const [x, y] = [a, b].map(({ candles }) => logCloses(candles, start, minutes)) as [Float64Array, Float64Array];
  const lagged = findLags(x, y, start, a.name, b.name);
  return { minutes, findings: [...lagged, ...findDifferences(x, y, start, a.name, b.name, lagged)] };
}

/** Logarithms of the closes, a minute each; NaN where there is no candle. */
function logCloses({ time, close }: Candles, start: number, minutes: number): Float64Array {
  const logs = new Float64Array(minutes).fill(NaN);
  for (let row = 0; row < time.length; row++) {
    const minute = (time[row] - start) / MINUTE_MS;
    if (minute >= 0 && minute < minutes) logs[minute] = Math.log(close[row]);
  }
  return logs;
}

/** Returns, 0 where a minute is missing, cut off at eight times their block's mean size: one jump must not decide a correlation. */
function returnsOf(logs: Float64Array): Float64Array {
  const returns = new Float64Array(logs.length);
  for (let from = 0; from < logs.length; from += blockMinutes) {
    const end = Math.min(logs.length, from + blockMinutes);
    let sum = 0;
    for (let minute = Math.max(1, from); minute < end; minute++) {
      const change = logs[minute] - logs[minute - 1];
      returns[minute] = Number.isNaN(change) ? 0 : change;
      sum += Math.abs(returns[minute]);
    }
    const most = (4 * sum) / (end - from);
    for (let minute = from; minute < end; minute++) returns[minute] = Math.max(-most, Math.min(most, returns[minute]));
  }
  return returns;
}

function findLags(x: Float64Array, y: Float64Array, start: number, a: string, b: string): readonly Finding[] {
  const [rx, ry] = [returnsOf(x), returnsOf(y)];
  const squares = new Float64Array(ry.length + 1);
  for (let minute = 0; minute < ry.length; minute++) squares[minute + 1] = squares[minute] + ry[minute] ** 2;
  const found: { from: number; to: number; lag: number; best: number; at0: number }[] = [];
  for (let from = 0; from + blockMinutes <= rx.length; from += blockMinutes / 2) {
    let own = 0;
    for (let minute = from; minute < from + blockMinutes; minute++) own += rx[minute] ** 2;
    if (own === 0) continue;
    const correlation = (lag: number): number => {
      const [low, high] = [Math.max(0, from + lag), Math.min(ry.length, from + blockMinutes + lag)];
      if (high - low < blockMinutes) return 0;
      let sum = 0;
      for (let minute = low; minute < high; minute++) sum += rx[minute - lag] * ry[minute];
      const norm = Math.sqrt(own * (squares[high] - squares[low]));
      return norm > 0 ? sum / norm : 0;
    };
    const at0 = correlation(0);
    // What moves together at no lag needs no search.
    if (at0 > leastCorrelation) continue;
    let [lag, best] = [0, at0];
    for (let other = -longestLag; other <= longestLag; other++) {
      const value = correlation(other);
      if (value > best) [lag, best] = [other, value];
    }
    if (lag === 0 || best < leastCorrelation || best - at0 < leastGain) continue;
    const last = found.at(-1);
    if (last !== undefined && last.lag === lag && from <= last.to) last.to = from + blockMinutes;
    else found.push({ from, to: from + blockMinutes, lag, best, at0 });
  }
  const minute = (at: number): number => start + at * MINUTE_MS;
  return found.map(({ from, to, lag, best, at0 }) =>
    span('lagged', minute(from), minute(to - 1), to - from, `${lag > 0 ? b : a} ${Math.abs(lag)} minutes after ${lag > 0 ? a : b}: correlation ${best.toFixed(2)}, without it ${at0.toFixed(2)}`),
  );
}

function findDifferences(x: Float64Array, y: Float64Array, start: number, a: string, b: string, lagged: readonly Finding[]): readonly Finding[] {
  const difference = x.map((log, minute) => log - y[minute]);
  const here = difference.filter((value) => !Number.isNaN(value)).sort();
  if (here.length < blockMinutes) return [];
  const median = here[here.length >> 1];
  const spread = Math.max(1e-12, here.map((value) => Math.abs(value - median)).sort()[here.length >> 1] * 1.4826);
  const findings: Finding[] = [];
  const bps = (log: number): string => `${(1e4 * Math.expm1(log)).toFixed(1)} bps`;
  if (Math.abs(median) > Math.max(leastOffset, 3 * spread)) {
    findings.push(span('offset', start, start + (x.length - 1) * MINUTE_MS, here.length, `${a} ${bps(median)} from ${b} in the usual minute`));
  }
  const scores = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += blockMinutes) {
    const block = difference.slice(from, from + blockMinutes).filter((value) => !Number.isNaN(value)).sort();
    if (block.length < 20) continue;
    const centre = block[block.length >> 1];
    const size = Math.max(spread / 2, block.map((value) => Math.abs(value - centre)).sort()[block.length >> 1] * 1.4826);
    for (let minute = from; minute < Math.min(x.length, from + blockMinutes); minute++) {
      const score = Math.abs(difference[minute] - centre) / size;
      scores[minute] = Number.isNaN(score) ? 0 : score;
    }
  }
  const limit = tailThreshold(scores, 0.1, 10);
  const time = (minute: number): number => start + minute * MINUTE_MS;
  for (let minute = 0; minute < x.length; minute++) {
    if (!(scores[minute] > limit)) continue;
    const from = minute;
    while (minute + 1 < x.length && scores[minute + 1] > limit) minute++;
    if (lagged.some((stretch) => time(from) >= stretch.from && time(minute) <= stretch.to)) continue;
    findings.push(span('disagreement', time(from), time(minute), minute - from + 1, `${a} ${Math.exp(x[from]).toPrecision(8)}, ${b} ${Math.exp(y[from]).toPrecision(8)}: ${bps(difference[from])}, ${scores[from].toFixed(0)} local scales`));
  }
  return findings;
}
