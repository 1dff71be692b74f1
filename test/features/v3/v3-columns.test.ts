import { describe, expect, it } from 'vitest';
import type { Candles } from '../../../src/candles/candles.js';
import { V3 } from '../../../src/features/v3/v3.js';
import { randomCandles } from '../../support/random-candles.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
function quantile(values: readonly number[], q: number): number {
  const place = q * (values.length - 1);
  const [low, high] = [sorted(values)[Math.floor(place)], sorted(values)[Math.ceil(place)]];
  return low + (place - Math.floor(place)) * (high - low);
}
/** Slope and end of the line of least squares, from means and covariances. */
function line(values: readonly number[]): { slope: number; end: number } {
  const x = values.map((_, i) => i);
  const [mx, my] = [mean(x), mean(values)];
  const slope = sum(x.map((at, i) => (at - mx) * (values[i] - my))) / sum(x.map((at) => (at - mx) ** 2));
  return { slope, end: my + slope * (values.length - 1 - mx) };
}

/** Each column of v3 for one row, the plain way: nothing of src, a loop over the window. */
function plainly(candles: Candles, row: number): Record<string, number> {
  const last = (column: 'open' | 'high' | 'low' | 'close' | 'volume', rows: number, back = 0): number[] => [...candles[column].slice(row - back - rows + 1, row - back + 1)];
  const closes = (rows: number, back = 0): number[] => last('close', rows, back).map(Math.log);
  const [now] = closes(1);
  const bps = (distance: number): number => Math.asinh(distance * 1000);
  const volatility = (rows: number): number => Math.sqrt(mean(closes(rows).map((close, i) => (close - closes(rows, 1)[i]) ** 2)));
  const units = (distance: number, window: number): number => Math.asinh(distance / (volatility(60) * Math.sqrt(window)));
  const moves = (over: number, window: number): number[] => last('close', window).map((close, i) => Math.sign(close - last('close', window, over)[i]));
  const bodies = last('close', 30).map((close, i) => Math.sign(close - last('open', 30)[i]));
  const minute = candles.time[row] / 60_000;
  const place = (window: number): number => (candles.close[row] - Math.min(...last('low', window))) / (Math.max(...last('high', window)) - Math.min(...last('low', window)));
  const middles = last('high', 15).map((high, i) => (Math.log(high) + Math.log(last('low', 15)[i])) / 2);
  const plain: Record<string, number> = {
    return_1: bps(now - closes(1, 1)[0]),
    quartile_range_120: bps(quantile(closes(120), 0.75) - quantile(closes(120), 0.25)),
    middle_to_median_15: bps(middles[14] - quantile(middles, 0.5)),
    mean_5_to_20: bps(mean(closes(5)) - mean(closes(20))),
    mean_60_to_240: bps(mean(closes(60)) - mean(closes(240))),
    mean_30_to_120_by_60: units(mean(closes(30)) - mean(closes(120)), 120),
    since_high_240: (239 - last('high', 240).lastIndexOf(Math.max(...last('high', 240)))) / 240,
    since_low_240: (239 - last('low', 240).lastIndexOf(Math.min(...last('low', 240)))) / 240,
    body_flow_30: sum(bodies.map((body, i) => body * last('volume', 30)[i])) / sum(last('volume', 30)),
    return_flow_30: Math.asinh(sum(closes(30).map((close, i) => (close - closes(30, 1)[i]) * last('volume', 30)[i])) / sum(last('volume', 30)) / volatility(60)),
    log_volatility_60: Math.log(volatility(60) + 1e-6),
    log_range_240: Math.log(mean(last('high', 240).map((high, i) => Math.log(high / last('low', 240)[i]))) + 1e-6),
    volatility_share_15_240: volatility(15) / (volatility(15) + volatility(240)),
    volatility_share_60_720: volatility(60) / (volatility(60) + volatility(720)),
    log_minutes_per_row_60: Math.log((minute - candles.time[row - 60] / 60_000) / 60),
    hour_sin: Math.sin((minute / 60) * 2 * Math.PI),
    hour_cos: Math.cos((minute / 60) * 2 * Math.PI),
    day_sin: Math.sin((minute / 1440) * 2 * Math.PI),
    day_cos: Math.cos((minute / 1440) * 2 * Math.PI),
  };
  for (const window of [3, 5, 15]) plain[`position_${window}`] = place(window);
  for (const window of [15, 30, 120, 240]) plain[`close_to_line_${window}`] = bps(now - line(closes(window)).end);
  for (const window of [30, 60, 120]) plain[`close_to_line_${window}_by_60`] = units(now - line(closes(window)).end, window);
  for (const window of [10, 15, 30]) plain[`line_rise_${window}`] = bps(line(closes(window)).slope * (window - 1));
  for (const window of [60, 240]) plain[`line_rise_${window}_by_60`] = units(line(closes(window)).slope * (window - 1), window);
  for (const [percent, window] of [[50, 10], [50, 30], [10, 15], [90, 15], [25, 120], [75, 120]]) {
    plain[`close_to_percentile_${percent}_${window}`] = bps(now - quantile(closes(window), percent / 100));
  }
  for (const over of [5, 10, 20, 30]) plain[`median_10_return_${over}`] = bps(quantile(closes(10), 0.5) - quantile(closes(10, over), 0.5));
  for (const window of [30, 60]) {
    plain[`above_median_${window}`] = mean(closes(window).map((close, i) => Math.sign(close - quantile(closes(window, window - 1 - i), 0.5))));
  }
  for (const [over, window] of [[15, 60], [30, 30], [60, 120]]) plain[`risen_${over}_in_${window}`] = mean(moves(over, window).map((move) => Math.max(move, 0)));
  for (const [over, window] of [[10, 20], [30, 45], [30, 120]]) plain[`net_risen_${over}_in_${window}`] = mean(moves(over, window));
  return plain;
}

describe('each column of v3', () => {
  const candles = randomCandles({ rows: 1300, gaps: 0.1, still: 0.2 });
  const columns = new Map(V3.compute(candles));

  it.each(V3.set.columns)('%s is what its formula gives', (name) => {
    for (const row of [720, 721, 1001, 1299]) expect(columns.get(name)![row], `row ${row}`).toBeCloseTo(plainly(candles, row)[name], 8);
  });

  it('is named here', () => {
    expect(Object.keys(plainly(candles, 1000)).sort()).toEqual([...V3.set.columns].sort());
  });
});
