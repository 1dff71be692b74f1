import { setMaxListeners } from 'node:events';
import { ensureWritable } from '../atomic-file.js';
import { MINUTE_MS } from '../candles/candles.js';
import { openExchange } from '../candles/collect/ccxt-exchange.js';
import type { Exchange } from '../candles/collect/ccxt-exchange.js';
import { collectRange } from '../candles/collect/collect-range.js';
import { collectSeries } from '../candles/collect/collect-series.js';
import { sleepFor } from '../candles/collect/retry.js';
import type { Sleep } from '../candles/collect/retry.js';
import { openSeriesForWriting } from '../candles/store/series-writer.js';
import type { SeriesWriter } from '../candles/store/series-writer.js';
import { canonicalSymbol } from '../candles/symbols.js';
import type { TimeRange } from '../candles/time-range.js';
import { InputError, TemporaryError } from '../errors.js';
import type { JobControl, PartialResults } from '../progress.js';
import { createRandom } from '../random.js';
import type { Random } from '../random.js';

export interface CollectOptions extends JobControl, PartialResults<CollectedSeries> {
  /** `BTC-USD`, `BTC/USD`; each gets a series. */
  readonly symbols: readonly string[];
  /** As ccxt names it. Default `coinbase`. */
  readonly exchange?: string | undefined;
  /** An age (`2y`, `90d`), a day or an ISO time. Default `2y`. */
  readonly since?: string | undefined;
  /** As `since`, or `now`, the default. */
  readonly until?: string | undefined;
  /** The store's folder. Default `data/candles`. */
  readonly out?: string | undefined;
  /** Goes on each minute until the signal. */
  readonly watch?: boolean | undefined;
  /** Another base address for the exchange: a proxy, a test server. */
  readonly exchangeUrl?: string | undefined;
  /** For ccxt's constructor: `{ rateLimit: 50 }` (ms between requests of cost 1). */
  readonly exchangeSettings?: Readonly<Record<string, unknown>> | undefined;
  /** The local clock, ms since the epoch. */
  readonly now: () => number;
  readonly sleep?: Sleep | undefined;
  readonly random?: Random | undefined;
  /** Told at once what the person should know; also in the result. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** What one run did for one series. */
export interface CollectedSeries {
  readonly exchange: string;
  readonly symbol: string;
  /** Stored by this run. */
  readonly candles: number;
  /** In the store. */
  readonly totalCandles: number;
  /** Open times of the store's first and last candle, ISO 8601 UTC; absent while it holds none. */
  readonly first?: string;
  readonly last?: string;
}

export interface Collected {
  readonly series: readonly CollectedSeries[];
  readonly notes: readonly string[];
  /** The signal came before the end; what had been fetched is stored. */
  readonly stopped: boolean;
}

/** Symbols fetched at once: enough to fill the rate limit together, few enough that a month's part is written rarely. */
const SIDE_BY_SIDE = 8;
/** An exchange needs a moment after a minute's end until its candle is there. */
const PUBLISHED_AFTER_MS = 5000;
const CLOCK_TOLERANCE_MS = MINUTE_MS;

/**
 * Collects 1-minute candles of several symbols from one exchange into the store: only what is missing, within the
 * exchange's rate limit; the candle still open is left out. Run again it goes on where it stopped, however it stopped.
 * @throws InputError `symbols-missing`, `symbol-unreadable`, `since-unreadable`, `since-in-future`, `until-unreadable`,
 * `until-before-since`, `exchange-unknown`, `symbol-not-listed`, `timeframe-not-served`, `history-not-served`;
 * SetupError `exchange-refuses`; TemporaryError `exchange-unavailable`, `exchange-answer-invalid`; what the store throws.
 */
export async function collect(options: CollectOptions): Promise<Collected> {
  const { exchange: name = 'coinbase', since = '2y', until = 'now', out = 'data/candles', signal, now } = options;
  const symbols = [...new Set(options.symbols.map(canonicalSymbol))];
  if (symbols.length === 0) throw new InputError('no symbol to collect', { code: 'symbols-missing', hint: 'give --symbols BTC/USD,ETH/USD' });
  collectRange(since, until, now() + CLOCK_TOLERANCE_MS);
  ensureWritable(out);
  const patience = { sleep: options.sleep ?? sleepFor, random: options.random ?? createRandom(now()), signal };
  // Every request under way listens for the end.
  if (signal !== undefined) setMaxListeners(0, signal);
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    options.onNote?.(text);
  };
  const writers = new Map<string, SeriesWriter>();
  const added = new Map<string, number>();
  let stopped = false;
  let exchange: Exchange | undefined;
  const summaries = (): readonly CollectedSeries[] => [...writers].map(([symbol, writer]) => summarize(name, symbol, writer, added.get(symbol) ?? 0));
  try {
    exchange = await openExchange({ ...patience, exchange: name, url: options.exchangeUrl, settings: options.exchangeSettings, now }, symbols);
    noteClock(exchange, note);
    // From here on the beginning stands still: an age is of when the collection began.
    const { from } = collectRange(since, until, exchange.now());
    for (const symbol of symbols) writers.set(symbol, openSeriesForWriting(out, { exchange: name, symbol }));
    for (;;) {
      const range = { from, to: Math.max(from, collectRange(since, until, exchange.now()).to) };
      try {
        await collectAll({ exchange, writers, range, added, note }, options);
      } catch (error) {
        if (!(options.watch === true && error instanceof TemporaryError)) throw error;
        note(`${error.message}; trying again in a minute`);
      }
      if (options.watch !== true) break;
      const clock = exchange.now();
      await patience.sleep(MINUTE_MS - (clock % MINUTE_MS) + PUBLISHED_AFTER_MS, signal);
    }
  } catch (error) {
    if (signal?.aborted !== true) {
      options.onPartial?.(summaries());
      throw error;
    }
    stopped = true;
  } finally {
    for (const writer of writers.values()) writer.close();
    await exchange?.close();
  }
  return { series: summaries(), notes, stopped };
}

interface Round {
  readonly exchange: Exchange;
  readonly writers: ReadonlyMap<string, SeriesWriter>;
  readonly range: TimeRange;
  readonly added: Map<string, number>;
  readonly note: (text: string) => void;
}

/** Every symbol once, several side by side. One that fails does not keep the others from being collected. */
async function collectAll({ exchange, writers, range, added, note }: Round, { onProgress, signal }: JobControl): Promise<void> {
  const waiting = [...writers];
  const lanes = Math.min(SIDE_BY_SIDE, waiting.length);
  const failures: unknown[] = [];
  const collectNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [symbol, writer] = next;
      try {
        const inFlight = Math.max(8, Math.ceil(exchange.inFlight / lanes));
        await collectSeries({
          exchange, symbol, writer, range, inFlight, signal,
          onAnswer: ({ minutes, ofMinutes }) => onProgress?.({ label: `collect ${symbol}`, done: minutes, total: ofMinutes, unit: 'minutes' }),
          onStored: (candles) => added.set(symbol, (added.get(symbol) ?? 0) + candles),
        });
      } catch (error) {
        failures.push(error);
        if (signal?.aborted === true) return;
        if (writers.size > 1) note(`${symbol} failed, the others go on: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, collectNext));
  if (failures.length > 0) throw failures[0];
}

function noteClock({ name, clockAhead }: Exchange, note: (text: string) => void): void {
  if (clockAhead === undefined) note(`${name} does not tell its time: the local clock says which candle is still open`);
  else if (Math.abs(clockAhead) > CLOCK_TOLERANCE_MS) {
    note(`the local clock is ${Math.round(Math.abs(clockAhead) / 1000)} s ${clockAhead > 0 ? 'behind' : 'ahead of'} ${name}'s, whose time is used: set the local clock`);
  }
}

function summarize(exchange: string, symbol: string, { manifest }: SeriesWriter, candles: number): CollectedSeries {
  const months = Object.values(manifest.months);
  const totalCandles = months.reduce((sum, { rows }) => sum + rows, 0);
  return { exchange, symbol, candles, totalCandles, ...(months.length > 0 && { first: months[0].first, last: months[months.length - 1].last }) };
}
