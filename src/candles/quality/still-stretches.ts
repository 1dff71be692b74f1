import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from './finding.js';
import { improbableRuns } from './improbable-runs.js';
import type { RowRange } from './improbable-runs.js';
import { span } from './spans.js';

/** A gap longer than this parts two stretches. */
const joinedGapMs = 10 * MINUTE_MS;
const leastFrozen = 5;
const leastStraight = 5;

/** Stretches in which every candle repeats the one before. */
export function findFrozen(candles: Candles): readonly Finding[] {
  const { time, open, high, low, close } = candles;
  const same = new Uint8Array(time.length);
  for (let row = 1; row < time.length; row++) {
    const before = row - 1;
    const flat = high[row] === low[row] && close[row] === close[before];
    const repeats = close[row] === close[before] && open[row] === open[before] && high[row] === high[before] && low[row] === low[before];
    if ((flat || repeats) && time[row] - time[before] <= joinedGapMs) same[row] = 1;
  }
  return improbableRuns(same, leastFrozen).map(({ from, to }) => {
    const without = noVolume(candles, from, to);
    return span('frozen', time[from], time[to - 1], to - from, `close ${close[from]} unchanged${without ? ', no volume' : ''}`);
  });
}

/** Runs without volume, longer than chance gives them. */
export function findZeroVolume(candles: Candles): readonly Finding[] {
  const { time, volume } = candles;
  const zero = new Uint8Array(time.length);
  for (let row = 0; row < time.length; row++) if (volume[row] === 0) zero[row] = 1;
  return improbableRuns(zero, 3).map(({ from, to }) => span('zero-volume', time[from], time[to - 1], to - from, `volume 0, close ${candles.close[from]} to ${candles.close[to - 1]}`));
}

function noVolume({ volume }: Candles, from: number, to: number): boolean {
  for (let row = from; row < to; row++) if (volume[row] !== 0) return false;
  return true;
}

/**
 * Stretches whose closes lie on a straight line. Three marks of it: equal steps exactly; steps equal to a tick, each longer than a
 * tick; steps equal to a tick while nothing else stands still. Markets do neither for long.
 */
export function findInterpolated(candles: Candles): readonly Finding[] {
  const { time, high, low, close } = candles;
  const rows = time.length;
  const tick = priceTick(close);
  const exact = new Uint8Array(rows);
  const stepped = new Uint8Array(rows);
  const slow = new Uint8Array(rows);
  for (let row = 2; row < rows; row++) {
    if (time[row] - time[row - 2] > joinedGapMs) continue;
    const step = close[row] - close[row - 1];
    const bend = Math.abs(step - (close[row - 1] - close[row - 2]));
    const size = Math.abs(step);
    const rounding = 1e-11 * close[row];
    if (size > 100 * rounding && bend <= rounding) exact[row] = 1;
    const near = Math.max(1.01 * tick, 1e-7 * close[row]);
    if (bend > near) continue;
    if (size > 1.5 * near) stepped[row] = 1;
    if (high[row] > low[row] || size > 0) slow[row] = 1;
  }
  const runs = [...improbableRuns(exact, leastStraight), ...improbableRuns(stepped, leastStraight), ...improbableRuns(slow, leastStraight)].filter(
    ({ from, to }) => onOneLine(close, from - 2, to, 2 * tick),
  );
  return joined(runs).map(({ from, to }) => {
    const first = from - 2;
    return span('interpolated', time[first], time[to - 1], to - first, `close ${close[first]} to ${close[to - 1]} in equal steps`);
  });
}

/** Whether closes of rows `[from, to)` go somewhere, and are nowhere further from the line through both ends than rounding. */
function onOneLine(close: Float64Array, from: number, to: number, tolerance: number): boolean {
  const last = to - 1;
  const move = close[last] - close[from];
  if (move === 0) return false;
  // A line in logarithms bends by an eighth of the square of its move.
  const allowed = tolerance + (move * move) / close[from] / 4;
  if (Math.abs(move) < 2 * allowed) return straightExactly(close, from, to);
  for (let row = from; row <= last; row++) {
    if (Math.abs(close[row] - close[from] - (move * (row - from)) / (last - from)) > allowed) return false;
  }
  return true;
}

function straightExactly(close: Float64Array, from: number, to: number): boolean {
  const step = (close[to - 1] - close[from]) / (to - 1 - from);
  for (let row = from; row < to; row++) if (Math.abs(close[row] - close[from] - step * (row - from)) > 1e-10 * close[from]) return false;
  return true;
}

/** The step prices are quoted in, as a power of ten that nine closes in ten are whole multiples of. */
export function priceTick(close: Float64Array): number {
  const stride = Math.max(1, Math.floor(close.length / 2000));
  for (let decimals = 0; decimals <= 10; decimals++) {
    const factor = 10 ** decimals;
    let whole = 0;
    let seen = 0;
    for (let row = 0; row < close.length; row += stride, seen++) {
      const scaled = close[row] * factor;
      if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled * 1e-6)) whole++;
    }
    if (whole >= 0.9 * seen) return 1 / factor;
  }
  return 0;
}

function joined(runs: readonly RowRange[]): readonly RowRange[] {
  const all: RowRange[] = [];
  for (const run of [...runs].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || run.from > last.to) all.push(run);
    else all[all.length - 1] = { from: last.from, to: Math.max(last.to, run.to) };
  }
  return all;
}
