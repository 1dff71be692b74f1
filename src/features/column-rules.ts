import { MINUTE_MS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import { bandDrift } from './band-drift.js';
import type { FeatureSet } from './feature-set.js';
import { bollinger } from './indicators/bollinger.js';
import { exponentialStep } from './indicators/exponential-mean.js';
import { TIMEFRAMES } from './multi-timeframe/bars.js';
import type { NamedColumns } from './named-columns.js';
import { nearTies } from './near-ties.js';
import type { NearTie } from './near-ties.js';

/** How a column of a ready-made file is held against the same column computed from the file's own candles. */
export interface ColumnRule {
  /** Rows `[from, to)` are compared: before, a file cut from a longer history remembers candles it does not hold. */
  readonly from: number;
  readonly to: number;
  /** A difference is `|given - computed| > relative * |computed| + absolute + ofClose * close`, and above `memory[row]` and `drift(row)`. */
  readonly relative: number;
  readonly absolute: number;
  readonly ofClose: number;
  /** What an endless memory may still add in the first rows of a cut file; nothing beyond its length. */
  readonly memory: Float64Array;
  /** What running sums may add in a row. */
  readonly drift?: (row: number) => number;
  /** What may stand in a row instead, because ranks or quantiles nearly tie there: in one row in 100 at most. */
  readonly nearTie?: NearTie;
  /** Share of the compared rows that may differ beyond all that. */
  readonly mayDiffer: number;
}

/** Other sets are written by crpbot alone: no pandas, no second download, one alignment. */
const OF_THE_ORIGINAL: ReadonlySet<string> = new Set(['v1-31', 'v2-50']);

/**
 * What float64 in another order, float32 storage, or pandas' running sums may change; ranks and regimes may differ by
 * one step in the few rows where they nearly tie. A bar of the original was downloaded on its own and need not agree
 * with the 1-minute candles everywhere, so under a leaky alignment one bar value in twenty may differ. Under `causal`
 * none may: there a wrong yes would hide a leak.
 */
export function columnRules(given: NamedColumns, candles: Candles, set: FeatureSet): (column: string) => ColumnRule {
  const { alignment } = set;
  const rows = candles.time.length;
  const ratio: ColumnRule = { from: 0, to: rows, relative: 1e-6, absolute: 1e-9, ofClose: 0, memory: new Float64Array(0), mayDiffer: 0 };
  if (!OF_THE_ORIGINAL.has(set.name)) return () => ({ ...ratio, from: set.warmupRows });
  const barsMayDiffer = alignment === 'causal' ? 0 : 0.05;
  const barsTo = alignment === 'causal' ? rows : rowsOfClosedHours(candles.time);
  const barsFrom = new Map(TIMEFRAMES.map(({ label, widthMs }) => [label, firstRowPastCutBar(candles.time, widthMs)]));
  const allBarsFrom = Math.max(...barsFrom.values());
  const averages = averageMemory(candles.close);
  const gains = gainMemory(candles.close);
  const bands = bollinger(candles.close);
  const nearTieOf = nearTies(given, candles, set);
  const meanVolume = candles.volume.reduce((sum, value) => sum + value, 0) / rows;

  const exact: ColumnRule = { ...ratio, relative: 0, absolute: 0 };
  const price: ColumnRule = { ...ratio, absolute: 0, ofClose: 1e-9 };
  const volume: ColumnRule = { ...ratio, absolute: 1e-9 * meanVolume };

  return (column) => {
    const [, timeframe, field] = /^(5m|15m|1h)_(\w+)$/.exec(column) ?? [];
    if (timeframe !== undefined) {
      return { ...(field === 'volume' ? volume : price), from: barsFrom.get(timeframe)!, to: barsTo, mayDiffer: barsMayDiffer };
    }
    if (column.startsWith('tf_alignment_')) return { ...ratio, from: allBarsFrom + 5, to: barsTo, mayDiffer: barsMayDiffer };
    if (column.startsWith('session_') || column === 'day_of_week' || column === 'is_weekend') return exact;
    if (column === 'spread') return price;
    if (column === 'atr') return { ...price, from: 14 };
    if (column === 'spread_atr_ratio') return { ...ratio, from: 14 };
    if (column === 'volume_ma' || column === 'volume_trend') return { ...volume, from: 19 };
    if (column === 'volume_ratio') return { ...ratio, from: 19 };
    if (column.startsWith('sma_')) return { ...price, from: 49 };
    if (column.startsWith('price_sma_')) return { ...ratio, from: 49 };
    if (column === 'rsi') return { ...ratio, absolute: 1e-6, from: 13, memory: gains };
    if (column.startsWith('macd')) return { ...price, from: 33, memory: averages };
    if (column === 'bb_high' || column === 'bb_low') return { ...price, from: 19, drift: bandDrift(column, bands, candles.close) };
    if (column.startsWith('bb_')) return { ...ratio, from: 19, drift: bandDrift(column, bands, candles.close) };
    if (column === 'atr_percentile') return { ...ratio, from: 119, nearTie: nearTieOf(column) };
    if (column.startsWith('volatility_')) return { ...exact, from: 119, nearTie: nearTieOf(column) };
    return ratio;
  };
}

/** First row that sees only bars begun within the file, under either join. */
function firstRowPastCutBar(time: Float64Array, widthMs: number): number {
  const firstWholeStart = Math.ceil(time[0] / widthMs) * widthMs;
  const first = time.find((t) => t >= firstWholeStart);
  if (first === undefined) return time.length;
  const barCloses = Math.floor(first / widthMs) * widthMs + widthMs - MINUTE_MS;
  const row = time.findIndex((t) => t >= barCloses);
  return row < 0 ? time.length : row;
}

/** Rows before the last hour, when that hour is cut: its bars would look different in a longer file. */
function rowsOfClosedHours(time: Float64Array): number {
  const hour = 60 * MINUTE_MS;
  const end = time[time.length - 1] + MINUTE_MS;
  if (end % hour === 0) return time.length;
  const cut = Math.floor(end / hour) * hour;
  let rows = time.length;
  while (rows > 0 && time[rows - 1] >= cut) rows--;
  return rows;
}

/** EMA26 forgets its seed by 25/27 a row; at a cut it was within a half of the first close, and MACD adds four such. */
function averageMemory(close: Float64Array): Float64Array {
  const forgotten = 600;
  return Float64Array.from({ length: Math.min(forgotten, close.length) }, (_, row) => 2 * close[0] * (25 / 27) ** row);
}

/** RSI forgets gains and losses before the cut (below 5 % of close a row) by 13/14 a row, against what has moved since. */
function gainMemory(close: Float64Array): Float64Array {
  const memory: number[] = [];
  let moved = 0;
  for (let row = 0; row < close.length; row++) {
    const change = row === 0 ? 0 : Math.abs(close[row] - close[row - 1]);
    moved = exponentialStep(moved, change, 1 / 14);
    const left = Math.min(100, (100 * 0.1 * close[0] * (13 / 14) ** row) / moved);
    if (left < 1e-9) break;
    memory.push(left);
  }
  return Float64Array.from(memory);
}
