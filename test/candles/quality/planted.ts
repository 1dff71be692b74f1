import { MINUTE_MS } from '../../../src/candles/candles.js';
import type { Candles } from '../../../src/candles/candles.js';
import type { FindingKind } from '../../../src/candles/quality/finding.js';

/** A defect put into candles: what must be found, and between which open times. */
export interface Planted {
  readonly candles: Candles;
  readonly kind: FindingKind;
  readonly from: number;
  readonly to: number;
}

const columns = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** A copy made of rows of `candles`, in the order of `rows`. */
export function withRows(candles: Candles, rows: readonly number[]): Candles {
  const [time, open, high, low, close, volume] = columns.map((column) => Float64Array.from(rows, (row) => candles[column][row])) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return { symbol: candles.symbol, time, open, high, low, close, volume };
}

const all = (candles: Candles): number[] => Array.from(candles.time, (_, row) => row);
export const copyOf = (candles: Candles): Candles => withRows(candles, all(candles));

/** Each takes candles, a row of their middle, how many rows, and a size in [0, 1]. */
export const plant: Readonly<Record<string, (candles: Candles, row: number, length: number, size: number) => Planted>> = {
  gap: (candles, row, length) => {
    const rows = all(candles);
    rows.splice(row, length);
    return { candles: withRows(candles, rows), kind: 'gap', from: candles.time[row], to: candles.time[row + length - 1] };
  },
  'duplicate, same values': (candles, row, length) => {
    const rows = all(candles);
    rows.splice(row + length, 0, ...rows.slice(row, row + length));
    return { candles: withRows(candles, rows), kind: 'duplicate-same', from: candles.time[row], to: candles.time[row + length - 1] };
  },
  'duplicate, different values': (candles, row, length) => {
    const rows = all(candles);
    rows.splice(row + 1, 0, row);
    const changed = withRows(candles, rows);
    changed.volume[row + 1] = changed.volume[row + 1] + 1 + length;
    return { candles: changed, kind: 'duplicate-different', from: candles.time[row], to: candles.time[row] };
  },
  'rows out of order': (candles, row, length) => {
    const rows = all(candles);
    const block = rows.splice(row, length);
    rows.splice(row + 2 * length, 0, ...block);
    return { candles: withRows(candles, rows), kind: 'out-of-order', from: candles.time[row], to: candles.time[row + 3 * length] };
  },
  'no volume': (candles, row, length) => {
    const changed = copyOf(candles);
    changed.volume.fill(0, row, row + length);
    return { candles: changed, kind: 'zero-volume', from: candles.time[row], to: candles.time[row + length - 1] };
  },
  frozen: (candles, row, length) => {
    const changed = copyOf(candles);
    for (const column of ['open', 'high', 'low', 'close'] as const) changed[column].fill(candles.close[row], row, row + length);
    return { candles: changed, kind: 'frozen', from: candles.time[row], to: candles.time[row + length - 1] };
  },
  interpolated: (candles, row, length, size) => filled(candles, row, length, (value) => value, size),
  'interpolated and rounded': (candles, row, length, size) => filled(candles, row, length, (value) => Math.round(value * 100) / 100, size),
  'bad print': (candles, row, length, size) => {
    const changed = copyOf(candles);
    const factor = size < 0.5 ? 0.9 - size / 10 : 1 + size / 5;
    const rows = 1 + (length % 3);
    for (let at = row; at < row + rows; at++) for (const column of ['open', 'high', 'low', 'close'] as const) changed[column][at] *= factor;
    return { candles: changed, kind: 'bad-print', from: candles.time[row], to: candles.time[row + rows - 1] };
  },
  'bad close': (candles, row, _length, size) => {
    const changed = copyOf(candles);
    changed.close[row] *= size < 0.5 ? 0.95 - size / 10 : 1.05 + size / 10;
    changed.high[row] = Math.max(changed.high[row], changed.close[row]);
    changed.low[row] = Math.min(changed.low[row], changed.close[row]);
    return { candles: changed, kind: 'bad-print', from: candles.time[row], to: candles.time[row] };
  },
  'times shifted': (candles, row, length, size) => {
    const changed = copyOf(candles);
    const minutes = size < 0.3 ? 60 : size < 0.6 ? -60 : 7;
    for (let at = row; at < row + length + 100; at++) changed.time[at] += minutes * MINUTE_MS;
    return { candles: changed, kind: 'shifted', from: changed.time[row], to: changed.time[row + length + 99] };
  },
  'times shifted, then sorted': (candles, row, length) => {
    const changed = copyOf(candles);
    for (let at = row; at < row + length + 100; at++) changed.time[at] += 60 * MINUTE_MS;
    const rows = all(changed).sort((a, b) => changed.time[a] - changed.time[b] || a - b);
    return { candles: withRows(changed, rows), kind: 'shifted', from: changed.time[row], to: changed.time[row + length + 99] };
  },
  'an impossible candle': (candles, row) => {
    const changed = copyOf(candles);
    changed.high[row] = changed.low[row] / 2;
    return { candles: changed, kind: 'impossible-candle', from: candles.time[row], to: candles.time[row] };
  },
  'an empty value': (candles, row) => {
    const changed = copyOf(candles);
    changed.open[row] = NaN;
    return { candles: changed, kind: 'not-finite', from: candles.time[row], to: candles.time[row] };
  },
  'a move that stays': (candles, row, _length, size) => {
    const changed = copyOf(candles);
    const factor = size < 0.5 ? 0.8 : 1.25;
    for (let at = row; at < candles.time.length; at++) for (const column of ['open', 'high', 'low', 'close'] as const) changed[column][at] *= factor;
    return { candles: changed, kind: 'jump', from: candles.time[row], to: candles.time[row] };
  },
};

function filled(candles: Candles, row: number, length: number, rounded: (value: number) => number, size: number): Planted {
  const changed = copyOf(candles);
  const from = candles.close[row];
  const to = from * (1 + (size < 0.5 ? -1 : 1) * (0.002 + size / 100));
  for (let at = 1; at <= length; at++) {
    const [open, close] = [changed.close[row + at - 1], rounded(from + ((to - from) * at) / length)];
    changed.open[row + at] = open;
    changed.close[row + at] = close;
    changed.high[row + at] = Math.max(open, close);
    changed.low[row + at] = Math.min(open, close);
  }
  return { candles: changed, kind: 'interpolated', from: candles.time[row], to: candles.time[row + length] };
}
