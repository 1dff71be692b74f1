import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { SeriesWriter } from '../store/series-writer.js';
import type { TimeRange } from '../time-range.js';
import type { Exchange } from './ccxt-exchange.js';
import { historyNotServed } from './ccxt-exchange.js';
import type { CandleRow } from './check-answer.js';

/** A kill costs no more than what was fetched since the last storing: a second, more where storing itself takes long. */
const STORE_EVERY_MS = 1000;
const STORE_EVERY_STORINGS = 50;
/** An exchange may publish late: emptiness at the end, younger than this, is asked for again next time. */
const SETTLED_AFTER_MS = 86_400_000;

export interface SeriesTask {
  readonly exchange: Exchange;
  readonly symbol: string;
  readonly writer: SeriesWriter;
  readonly range: TimeRange;
  /** Requests of this symbol under way at once. */
  readonly inFlight: number;
  readonly signal?: AbortSignal | undefined;
  /** Minutes answered of those that were missing, and the candles in them. */
  readonly onAnswer?: (answered: { readonly minutes: number; readonly ofMinutes: number; readonly candles: number }) => void;
  readonly onStored?: (candles: number) => void;
}

/**
 * Fetches what `writer` misses of `range` and stores it, oldest first, every few seconds and at the end of a month.
 * Stopped or failed, it stores what came in order before.
 * @throws what `Exchange.candles` and `SeriesWriter.append` throw; the signal's reason
 */
export async function collectSeries(task: SeriesTask): Promise<void> {
  const { exchange, symbol, writer, range, signal, onAnswer, onStored } = task;
  const missing = writer.missing(range);
  refuseLostHistory(exchange, symbol, missing);
  const pages = missing.flatMap((hole) => cut(hole, exchange.pageRows * MINUTE_MS));
  const ofMinutes = missing.reduce((sum, hole) => sum + (hole.to - hole.from) / MINUTE_MS, 0);
  const answers = new Map<number, readonly CandleRow[]>();
  const settledBefore = Math.floor((exchange.now() - SETTLED_AFTER_MS) / MINUTE_MS) * MINUTE_MS;
  const lastHole = missing.at(-1);
  const openEnd = lastHole !== undefined && lastHole.to === range.to && range.to > settledBefore ? lastHole : undefined;
  let seen = Object.keys(writer.manifest.months).length > 0;
  let minutes = 0;
  let candles = 0;
  let asked = 0;
  let inOrder = 0;
  let pending: { from: number; to: number; rows: CandleRow[] } | undefined;
  let storeAt = performance.now() + STORE_EVERY_MS;

  const store = async (): Promise<void> => {
    const begin = performance.now();
    storeAt = begin + STORE_EVERY_MS;
    if (pending === undefined) return;
    const { from, to, rows } = pending;
    // Before data already stored, all of a hole was asked for; at the end of all, nothing says yet that an empty minute stays empty.
    const certain = openEnd === undefined || from < openEnd.from ? to : Math.max(Math.min(to, settledBefore), (rows.at(-1)?.[0] ?? -Infinity) + MINUTE_MS);
    if (certain <= from) return;
    pending = certain < to ? { from: certain, to, rows: [] } : undefined;
    await writer.append(toCandles(symbol, rows), { from, to: certain });
    const end = performance.now();
    storeAt = end + Math.max(STORE_EVERY_MS, STORE_EVERY_STORINGS * (end - begin));
    onStored?.(rows.length);
  };
  const take = async (page: TimeRange, rows: readonly CandleRow[]): Promise<void> => {
    if (pending !== undefined && (pending.to !== page.from || monthOf(pending.from) !== monthOf(page.from))) await store();
    if (pending === undefined || pending.to !== page.from) pending = { from: page.from, to: page.to, rows: [] };
    for (const row of rows) pending.rows.push(row);
    pending.to = page.to;
    if (performance.now() > storeAt) await store();
  };
  let taking: Promise<void> = Promise.resolve();
  const takeInOrder = async (): Promise<void> => {
    for (let rows = answers.get(inOrder); rows !== undefined; rows = answers.get(inOrder)) {
      answers.delete(inOrder);
      await take(pages[inOrder++], rows);
    }
  };
  let failed = false;
  const askForPages = async (): Promise<void> => {
    while (asked < pages.length && !failed) {
      signal?.throwIfAborted();
      const number = asked++;
      const rows = await fetchPage(exchange, symbol, pages[number], seen);
      seen ||= rows.length > 0;
      minutes += (pages[number].to - pages[number].from) / MINUTE_MS;
      candles += rows.length;
      onAnswer?.({ minutes, ofMinutes, candles });
      answers.set(number, rows);
      taking = taking.then(takeInOrder);
      await taking;
    }
  };
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(task.inFlight, pages.length) }, () =>
      askForPages().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    ),
  );
  const failure = lanes.find((lane): lane is PromiseRejectedResult => lane.status === 'rejected');
  await store();
  if (failure !== undefined) throw failure.reason;
}

/** One page, however many answers it takes; emptiness in the middle of history is asked for twice. */
async function fetchPage(exchange: Exchange, symbol: string, page: TimeRange, afterCandles: boolean): Promise<readonly CandleRow[]> {
  const rows: CandleRow[] = [];
  for (let from = page.from; from < page.to; ) {
    const answer = await exchange.candles(symbol, { from, to: page.to });
    rows.push(...answer.rows);
    if (answer.all || answer.rows.length === 0) break;
    from = answer.rows[answer.rows.length - 1][0] + MINUTE_MS;
  }
  if (rows.length > 0 || !afterCandles) return rows;
  return (await exchange.candles(symbol, page)).rows;
}

function refuseLostHistory(exchange: Exchange, symbol: string, missing: readonly TimeRange[]): void {
  const { recentMinutes } = exchange.habits;
  if (recentMinutes === undefined || missing.length === 0) return;
  const oldest = exchange.now() - recentMinutes * MINUTE_MS;
  // A minute's grace: the same age was given as --since.
  if (missing[0].from < oldest - MINUTE_MS) throw historyNotServed(exchange.name, symbol, missing[0].from, oldest);
}

function cut({ from, to }: TimeRange, pageMs: number): TimeRange[] {
  const pages: TimeRange[] = [];
  for (let start = from; start < to; start += pageMs) pages.push({ from: start, to: Math.min(start + pageMs, to) });
  return pages;
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

function toCandles(symbol: string, rows: readonly CandleRow[]): Candles {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index]);
  return { symbol, time: column(0), open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) };
}
