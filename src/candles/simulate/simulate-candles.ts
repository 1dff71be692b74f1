import { createRandom } from '../../random.js';
import type { Random } from '../../random.js';
import type { Candles } from '../candles.js';
import { MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';
import { MINUTES_PER_DAY, dayProfile } from './day-profile.js';
import type { DriftProcess } from './drift-process.js';
import { innovationVariance } from './drift-process.js';
import type { Market } from './market.js';
import { normalDraws } from './normal-draws.js';

export interface SimulationParameters {
  /** Canonical; a symbol's candles do not depend on which others are simulated. */
  readonly symbol: string;
  readonly seed: number;
  /** Whole minutes. */
  readonly range: TimeRange;
  readonly process: DriftProcess;
  readonly market: Market;
  /** Share of minutes without a candle, in runs of 3 on average. */
  readonly gapShare: number;
}

/** The candles of one month (or the part of it asked for) and, for each, the drift that was behind it. */
export interface SimulatedMonth {
  readonly range: TimeRange;
  readonly candles: Candles;
  /** `[rows]`, log return a minute before the day's profile: known to the oracle once the candle is closed. */
  readonly drift: Float64Array;
}

const meanGapMinutes = 3;
/** How volume follows the size of the move (in its standard deviations), and how much it varies besides. */
const volumeOfMove = 0.45;
const volumeNoise = 0.5;
const volumeDecimals = 6;

/**
 * Candles with a planted drift, month by month; only one month is held. The open is the close before. High and low are
 * drawn from the exact law of the extreme of a Brownian bridge between open and close,
 * `(o + c + sqrt((c - o)² - 2 v ln U)) / 2` in logs for the high, v the minute's noise variance (Karatzas and Shreve 1991, section 4.3).
 * Gaps take minutes out and change no other candle.
 */
export function* simulateMonths(parameters: SimulationParameters): Generator<SimulatedMonth> {
  const { range, symbol } = parameters;
  const nextMinute = minutes(parameters);
  for (let from = range.from; from < range.to; ) {
    const to = Math.min(range.to, startOfNextMonth(from));
    const most = (to - from) / MINUTE_MS;
    const column = (): Float64Array => new Float64Array(most);
    const [time, open, high, low, close, volume, drift] = [column(), column(), column(), column(), column(), column(), column()];
    let row = 0;
    for (let ms = from; ms < to; ms += MINUTE_MS) {
      const minute = nextMinute(ms);
      if (!minute.traded) continue;
      time[row] = ms;
      open[row] = minute.open;
      high[row] = minute.high;
      low[row] = minute.low;
      close[row] = minute.close;
      volume[row] = minute.volume;
      drift[row] = minute.drift;
      row++;
    }
    const cut = (values: Float64Array): Float64Array => (row === most ? values : values.slice(0, row));
    const candles = { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
    yield { range: { from, to }, candles, drift: cut(drift) };
    from = to;
  }
}

interface Minute {
  traded: boolean;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  drift: number;
}

/** A function that gives the minutes one after another, always in the same object. */
function minutes({ symbol, seed, process, market, gapShare }: SimulationParameters): (ms: number) => Minute {
  const profile = dayProfile();
  const stream = (part: string): Random => createRandom(seed, streamOf(`${symbol} ${part}`));
  const [normal, uniform, gap] = [normalDraws(stream('returns')), stream('shape'), gaps(stream('gaps'), gapShare)];
  const shape = normalDraws(stream('volume'));
  const [noise, innovation] = [Math.sqrt(process.noiseVariance), Math.sqrt(innovationVariance(process))];
  const moveSize = Math.sqrt(process.noiseVariance + process.driftVariance);
  const grid = 10 ** market.priceDecimals;
  const volumeGrid = 10 ** volumeDecimals;
  const priced = (logPrice: number): number => Math.max(1, Math.round(Math.exp(logPrice) * grid)) / grid;

  let logPrice = Math.log(market.startPrice);
  const minute: Minute = { traded: true, open: 0, high: 0, low: 0, close: priced(logPrice), volume: 0, drift: normal() * Math.sqrt(process.driftVariance) };
  return (ms) => {
    const factor = profile[(ms / MINUTE_MS) % MINUTES_PER_DAY];
    minute.drift = process.persistence * minute.drift + innovation * normal();
    const move = factor * (minute.drift + noise * normal());
    const spread = 2 * (factor * noise) ** 2;
    const up = Math.sqrt(move ** 2 - spread * Math.log(1 - uniform()));
    const down = Math.sqrt(move ** 2 - spread * Math.log(1 - uniform()));
    minute.open = minute.close;
    minute.close = priced(logPrice + move);
    minute.high = Math.max(minute.open, minute.close, priced(logPrice + (move + up) / 2));
    minute.low = Math.min(minute.open, minute.close, priced(logPrice + (move - down) / 2));
    const size = Math.abs(move) / (factor * moveSize);
    const volume = market.minuteVolume * factor ** 2 * Math.exp(volumeOfMove * size + volumeNoise * shape());
    minute.volume = Math.max(1, Math.round(volume * volumeGrid)) / volumeGrid;
    minute.traded = !gap();
    logPrice += move;
    return minute;
  };
}

/** Whether the next minute lies in a gap: a two-state Markov chain that is in a gap `share` of the time. */
function gaps(random: Random, share: number): () => boolean {
  let inside = false;
  const begins = share / (1 - share) / meanGapMinutes;
  return () => {
    const draw = random();
    inside = inside ? draw >= 1 / meanGapMinutes : draw < begins;
    return inside;
  };
}

/** FNV-1a, 32 bits, of a name: which stream of random draws is its own. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function startOfNextMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
