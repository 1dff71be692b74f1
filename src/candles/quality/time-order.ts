import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from './finding.js';
import { span } from './spans.js';

export interface OrderedSeries {
  /** Sorted by time, one row a minute (the first of those given), impossible rows left out: what the later checks read. */
  readonly candles: Candles;
  readonly findings: readonly Finding[];
}

const columns = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Disorder, duplicates and impossible rows of a raw table, and the table without them. The table itself is not changed. */
export function orderSeries(raw: Candles): OrderedSeries {
  const findings: Finding[] = [];
  const usable = usableRows(raw, findings);
  const sorted = sortRows(raw, usable, findings);
  const kept = firstOfEachMinute(raw, sorted, findings);
  return { candles: kept.length === raw.time.length && isIdentity(kept) ? raw : pickRows(raw, kept), findings };
}

function isIdentity(rows: Int32Array): boolean {
  for (let at = 0; at < rows.length; at++) if (rows[at] !== at) return false;
  return true;
}

function pickRows(candles: Candles, rows: Int32Array): Candles {
  const pick = (values: Float64Array): Float64Array => {
    const picked = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at++) picked[at] = values[rows[at]];
    return picked;
  };
  // A time off the minute is reported, and read as its minute.
  const time = pick(candles.time).map((t) => Math.floor(t / MINUTE_MS) * MINUTE_MS);
  const { symbol, open, high, low, close, volume } = candles;
  return { symbol, time, open: pick(open), high: pick(high), low: pick(low), close: pick(close), volume: pick(volume) };
}

/** Rows whose numbers can be a candle's; the others are findings, joined where they follow each other. */
function usableRows(raw: Candles, findings: Finding[]): Int32Array {
  const { time, open, high, low, close, volume } = raw;
  const usable = new Int32Array(time.length);
  let count = 0;
  const odd: { kind: 'not-finite' | 'impossible-candle' | 'off-minute'; row: number; text: string }[] = [];
  for (let row = 0; row < time.length; row++) {
    const t = time[row];
    const o = open[row];
    const h = high[row];
    const l = low[row];
    const c = close[row];
    const v = volume[row];
    const good = t < Infinity && l > 0 && l <= o && l <= c && h >= o && h >= c && h < Infinity && v >= 0 && v < Infinity;
    if (!good) {
      const notFinite = columns.filter((column) => !Number.isFinite(raw[column][row]));
      if (notFinite.length > 0) odd.push({ kind: 'not-finite', row, text: notFinite.map((column) => `${column} ${raw[column][row]}`).join(', ') });
      else odd.push({ kind: 'impossible-candle', row, text: impossible(o, h, l, c, v) });
      continue;
    }
    if (t % MINUTE_MS !== 0) odd.push({ kind: 'off-minute', row, text: `${(t % MINUTE_MS) / 1000} s past the minute` });
    usable[count++] = row;
  }
  for (let at = 0; at < odd.length; ) {
    let end = at + 1;
    while (end < odd.length && odd[end].kind === odd[at].kind && odd[end].row === odd[end - 1].row + 1) end++;
    const more = end - at > 1 ? ' and the like' : '';
    findings.push(span(odd[at].kind, time[odd[at].row], time[odd[end - 1].row], end - at, `row ${odd[at].row}: ${odd[at].text}${more}`));
    at = end;
  }
  return usable.slice(0, count);
}

function impossible(o: number, h: number, l: number, c: number, v: number): string {
  if (Math.min(o, h, l, c) <= 0) return `a price not above zero: ${[o, h, l, c].join(' ')}`;
  if (h < Math.max(o, c)) return `high ${h} below open ${o} or close ${c}`;
  if (l > Math.min(o, c)) return `low ${l} above open ${o} or close ${c}`;
  return `volume ${v}`;
}

/** The rows by time, equal times as they stood. What must move for that, at the least, is out of order. */
function sortRows({ time }: Candles, rows: Int32Array, findings: Finding[]): Int32Array {
  let inOrder = true;
  for (let at = 1; at < rows.length && inOrder; at++) inOrder = time[rows[at]] >= time[rows[at - 1]];
  if (inOrder) return rows;
  const stays = longestOrdered(time, rows);
  for (let at = 0; at < rows.length; at++) {
    if (stays[at] === 1) continue;
    const from = at;
    while (at + 1 < rows.length && stays[at + 1] === 0 && time[rows[at + 1]] >= time[rows[at]]) at++;
    findings.push(span('out-of-order', time[rows[from]], time[rows[at]], at - from + 1, `from row ${rows[from]}: after ${from > 0 ? clock(time[rows[from - 1]]) : 'nothing'}, before ${at + 1 < rows.length ? clock(time[rows[at + 1]]) : 'the end'}`));
  }
  return Int32Array.from(rows).sort((a, b) => time[a] - time[b] || a - b);
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Marks a longest non-decreasing subsequence (Fredman 1975): the fewest rows stay unmarked. */
function longestOrdered(time: Float64Array, rows: Int32Array): Uint8Array {
  const ends = new Int32Array(rows.length);
  const before = new Int32Array(rows.length).fill(-1);
  let length = 0;
  for (let at = 0; at < rows.length; at++) {
    const t = time[rows[at]];
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (time[rows[ends[middle]]] <= t) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[at] = ends[low - 1];
    ends[low] = at;
    if (low === length) length++;
  }
  const stays = new Uint8Array(rows.length);
  for (let at = length > 0 ? ends[length - 1] : -1; at !== -1; at = before[at]) stays[at] = 1;
  return stays;
}

function firstOfEachMinute(raw: Candles, sorted: Int32Array, findings: Finding[]): Int32Array {
  const { time } = raw;
  const minute = (at: number): number => Math.floor(time[sorted[at]] / MINUTE_MS);
  const kept = new Int32Array(sorted.length);
  let count = 0;
  let open: { kind: 'duplicate-same' | 'duplicate-different'; from: number; to: number; rows: number; text: string } | undefined;
  const close = (): void => {
    if (open !== undefined) findings.push(span(open.kind, open.from, open.to, open.rows, open.text));
    open = undefined;
  };
  for (let at = 0; at < sorted.length; at++) {
    if (count === 0 || minute(at) !== Math.floor(time[kept[count - 1]] / MINUTE_MS)) {
      kept[count++] = sorted[at];
      continue;
    }
    const [first, again] = [kept[count - 1], sorted[at]];
    const differs = (['open', 'high', 'low', 'close', 'volume'] as const).filter((column) => raw[column][first] !== raw[column][again]);
    const kind = differs.length === 0 ? 'duplicate-same' : 'duplicate-different';
    const t = minute(at) * MINUTE_MS;
    if (open === undefined || open.kind !== kind || t > open.to + MINUTE_MS) {
      close();
      const values = differs.length === 0 ? `close ${raw.close[first]}` : `${differs[0]} ${raw[differs[0]][first]} and ${raw[differs[0]][again]}`;
      open = { kind, from: t, to: t, rows: 1, text: `rows ${first} and ${again}: ${values}` };
    } else {
      open.to = t;
      open.rows++;
    }
  }
  close();
  return kept.slice(0, count);
}
