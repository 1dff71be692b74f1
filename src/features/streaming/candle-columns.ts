import type { Candles } from '../../candles/candles.js';
import { trueRange } from '../indicators/average-true-range.js';
import { bollinger } from '../indicators/bollinger.js';
import { EPSILON } from '../indicators/epsilon.js';
import { macd } from '../indicators/macd.js';
import { movingAverages } from '../indicators/moving-averages.js';
import { rsi } from '../indicators/rsi.js';
import { sessions } from '../indicators/sessions.js';
import { spread } from '../indicators/spread.js';
import { trailingMean } from '../indicators/trailing-mean.js';
import { volume } from '../indicators/volume.js';
import type { NamedColumns } from '../named-columns.js';
import { RecentValues } from './recent-values.js';
import type { OpenedState, StateLists } from './stream-state.js';
import { listOf } from './stream-state.js';

/** The longest window of close. */
const LONGEST = 50;
const ATR_WINDOW = 14;
/** Of the Bollinger bands and of volume. */
const WINDOW = 20;
/** How many numbers `rsi` and `macd` hand on. */
const RSI_STATE = 3;
const MACD_STATE = 4;

/** Writes the newest value of each column into the row from `at` on, in their order. Returns where the next one goes. */
export function putNewest(columns: NamedColumns, row: Float64Array, at: number): number {
  for (const name in columns) {
    const values = columns[name];
    row[at++] = values[values.length - 1];
  }
  return at;
}

/**
 * The 28 columns that V1 and V2 share, row by row: the batch kernels themselves, each over no more rows than its newest
 * value looks at, so that it is theirs to the bit.
 */
export class CandleColumns {
  /** Rows taken so far. */
  rows = 0;
  /** The last average true ranges. */
  readonly atr: RecentValues;
  private readonly close = new RecentValues(LONGEST);
  private readonly volume = new RecentValues(WINDOW);
  private readonly range = new RecentValues(ATR_WINDOW);
  private rsi: readonly number[] = new Array<number>(RSI_STATE).fill(0);
  private macd: readonly number[] = new Array<number>(MACD_STATE).fill(0);
  private readonly newest = emptyCandles(1);
  /** The newest candle after the one before, of which only the close is ever read. */
  private readonly pair = emptyCandles(2);

  /** @param atrRows how many average true ranges the regime is found from. */
  constructor(private readonly atrRows: number) {
    this.atr = new RecentValues(atrRows);
  }

  /** Takes a candle, writes its 28 columns at the head of `row`. Returns where the next column goes. */
  push(row: Float64Array, time: number, high: number, low: number, close: number, volumeNow: number): number {
    const { newest } = this;
    newest.time[0] = time;
    newest.high[0] = high;
    newest.low[0] = low;
    newest.close[0] = close;
    this.range.push(this.newestRange(high, low, close));
    const range = trailingMean(this.range.last(ATR_WINDOW), ATR_WINDOW);
    this.atr.push(range[range.length - 1]);
    this.close.push(close);
    this.volume.push(volumeNow);

    let at = putNewest(sessions(newest.time), row, 0);
    at = putNewest(spread(newest, this.atr.last(1)), row, at);
    at = putNewest(volume(this.volume.last(WINDOW)), row, at);
    at = this.rows < LONGEST - 1 ? putNewest(movingAverages(this.close.last(LONGEST)), row, at) : putMovingAverages(this.close, row, at);

    const closes = this.close.last(2);
    const before = this.rows === 0 ? undefined : { firstRow: 1, state: { rsi: this.rsi, macd: this.macd } };
    at = putNewest(rsi(closes, before, (state) => (this.rsi = state)), row, at);
    at = putNewest(macd(closes, before, (state) => (this.macd = state)), row, at);
    at = putNewest(bollinger(this.close.last(WINDOW)), row, at);
    this.rows++;
    return at;
  }

  private newestRange(high: number, low: number, close: number): number {
    if (this.rows === 0) return trueRange(this.newest)[0];
    const { pair } = this;
    pair.close[0] = this.close.at(0);
    pair.high[1] = high;
    pair.low[1] = low;
    pair.close[1] = close;
    return trueRange(pair)[1];
  }

  save(): StateLists {
    return {
      rows: [this.rows], close: this.close.save(), volume: this.volume.save(), range: this.range.save(), atr: this.atr.save(),
      rsi: this.rsi, macd: this.macd,
    };
  }

  /** @throws InputError `stream-state-unreadable`; then nothing has changed. */
  restore(state: OpenedState, rows: number): void {
    const listed = (name: string, most: number): Float64Array => listOf(state, name, Math.min(rows, most));
    const close = listed('close', LONGEST);
    const volumes = listed('volume', WINDOW);
    const range = listed('range', ATR_WINDOW);
    const atr = listed('atr', this.atrRows);
    const rsiState = listOf(state, 'rsi', RSI_STATE);
    const macdState = listOf(state, 'macd', MACD_STATE);
    this.rows = rows;
    this.close.restore(close);
    this.volume.restore(volumes);
    this.range.restore(range);
    this.atr.restore(atr);
    this.rsi = [...rsiState];
    this.macd = [...macdState];
  }
}

function emptyCandles(rows: number): Candles {
  const column = (): Float64Array => new Float64Array(rows);
  return { symbol: '', time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
}

/** `movingAverages` of a full window, in its order of summation: the kernel itself would compute the 49 rows before. */
function putMovingAverages(close: RecentValues, row: Float64Array, at: number): number {
  const x = close.last(LONGEST);
  const i = LONGEST - 1;
  const price = x[i];
  const sum7 = sumOfSeven(x, i);
  const sum14 = sum7 + sumOfSeven(x, i - 7);
  const sum21 = sum14 + sumOfSeven(x, i - 14);
  const older28 = sumOfSeven(x, i - 21) + sumOfSeven(x, i - 28) + (sumOfSeven(x, i - 35) + sumOfSeven(x, i - 42));
  const sum50 = sum21 + older28 + x[0];
  const put = (mean: number): void => {
    row[at++] = mean;
    row[at++] = price / (mean + EPSILON);
  };
  put(sum7 / 7);
  put(sum14 / 14);
  put(sum21 / 21);
  put(sum50 / 50);
  return at;
}

function sumOfSeven(x: Float64Array, i: number): number {
  return x[i] + x[i - 1] + x[i - 2] + x[i - 3] + x[i - 4] + x[i - 5] + x[i - 6];
}
