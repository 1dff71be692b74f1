import { InputError, isExpectedError, SetupError } from '../../errors.js';
import { MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';
import { AnswerFailure, retryAfterMs } from './answer-failure.js';
import { checkAnswer } from './check-answer.js';
import type { CandleRow } from './check-answer.js';
import { habitsOf } from './exchange-habits.js';
import type { ExchangeHabits } from './exchange-habits.js';
import { nearNames } from './near-names.js';
import { unlessAborted, withRetries } from './retry.js';
import type { Patience } from './retry.js';

/** An exchange's public candles. */
export interface Exchange {
  readonly name: string;
  readonly habits: ExchangeHabits;
  /** Candles in one answer, at most. */
  readonly pageRows: number;
  /** Requests under way at once that keep its rate limit busy in spite of latency. */
  readonly inFlight: number;
  /** The exchange's clock less ours, ms; absent where it does not tell its time. */
  readonly clockAhead: number | undefined;
  /** The exchange's clock, ms. */
  now(): number;
  /**
   * The candles with `page.from <= time < page.to` that have closed, oldest first. `page` is at most `pageRows` minutes.
   * `all`: whether the answer reached the end of the page; if not, ask again after its last candle.
   * @throws TemporaryError `exchange-unavailable`, `exchange-answer-invalid`; SetupError `exchange-refuses`; InputError `exchange-refuses-request`, `history-not-served`
   */
  candles(symbol: string, page: TimeRange): Promise<{ readonly rows: readonly CandleRow[]; readonly all: boolean }>;
  close(): Promise<void>;
}

export interface ExchangeOptions extends Patience {
  /** As ccxt names it. */
  readonly exchange: string;
  /** Another base address for all its requests: a proxy, a test server. */
  readonly url?: string | undefined;
  /** Handed to ccxt's constructor: `rateLimit` (ms), `timeout` (ms) ... */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly now: () => number;
}

/** What of ccxt's client is used here. */
interface Client {
  readonly id: string;
  readonly rateLimit: number;
  readonly has: Record<string, unknown>;
  readonly options: Record<string, unknown>;
  readonly timeframes?: Readonly<Record<string, unknown>>;
  readonly features?: { readonly spot?: { readonly fetchOHLCV?: { readonly limit?: number } } };
  readonly markets?: Readonly<Record<string, unknown>>;
  readonly urls: Record<string, unknown>;
  readonly throttler?: { readonly config: { capacity?: number } };
  throttle(cost?: number): Promise<void>;
  loadMarkets(): Promise<unknown>;
  fetchTime(): Promise<number | undefined>;
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<CandleRow[]>;
  parseOHLCV(row: unknown, market: unknown): CandleRow;
  parseOHLCVs(rows: readonly unknown[], market?: unknown): CandleRow[];
  onRestResponse(status: number, statusText: string, url: string, method: string, headers: Record<string, string>, body: string): string;
  close?(): Promise<void>;
}

/** Where an exchange does not say how many candles one answer may hold: few enough for any of them. */
const CAUTIOUS_PAGE_ROWS = 100;
/** Latency that must not slow the collection down. */
const LATENCY_MS = 1500;
/** A pause of ours (a month being written, a busy machine) up to so long is made up for at once, not lost. */
const CREDIT_MS = 100;

/**
 * Opens an exchange through ccxt's own client, with its rate limit, and makes sure that it serves 1-minute candles of
 * every symbol. Symbols are canonical, `BTC-USD`.
 * @throws InputError `exchange-unknown`, `timeframe-not-served`, `symbol-not-listed`; SetupError `exchange-refuses`;
 * TemporaryError `exchange-unavailable`
 */
export async function openExchange(options: ExchangeOptions, symbols: readonly string[]): Promise<Exchange> {
  const { exchange: name, now, sleep, signal } = options;
  const ccxt = (await import('ccxt')).default;
  if (!ccxt.exchanges.includes(name)) {
    throw new InputError(`ccxt knows no exchange named ${name}`, { code: 'exchange-unknown', hint: `near names: ${nearNames(name, ccxt.exchanges).join(', ')}` });
  }
  const classes = ccxt as unknown as Readonly<Record<string, new (settings: object) => Client>>;
  const client = new classes[name]({ timeout: 15_000, ...options.settings, enableRateLimit: true });
  if (client.has.fetchOHLCV !== true || (client.timeframes !== undefined && client.timeframes['1m'] === undefined)) {
    throw new InputError(`${name} serves no 1-minute candles through ccxt`, { code: 'timeframe-not-served', hint: 'choose another exchange, for instance coinbase, binance or bitfinex' });
  }
  if (options.url !== undefined) pointAt(client, options.url);
  if (client.throttler !== undefined) client.throttler.config.capacity = Math.max(1, CREDIT_MS / client.rateLimit);
  // Currencies are of no use here, and cost an exchange's dearest requests.
  client.has.fetchCurrencies = false;
  if (name.startsWith('binance')) client.options.fetchMarkets = { types: ['spot'] };

  // ccxt sorts, filters and cuts what it is answered: it is checked here as it came.
  client.parseOHLCVs = (rows, market) => rows.map((row) => client.parseOHLCV(row, market));

  let pausedUntil = 0;
  const throttle = client.throttle.bind(client);
  client.throttle = async (cost) => {
    await throttle(cost);
    // Requests already waiting for their turn when a 429 came queue up again: together they would earn the next one.
    while (performance.now() < pausedUntil) {
      await sleep(pausedUntil - performance.now(), signal);
      await throttle(cost);
    }
  };
  client.onRestResponse = (status, statusText, url, _method, headers, body) => {
    const said = `${name} answered ${status}${statusText === '' ? '' : ` ${statusText}`}`;
    if (status === 429 || status === 418) {
      const wait = retryAfterMs(headers['Retry-After'], now());
      pausedUntil = Math.max(pausedUntil, performance.now() + (wait ?? 0));
      throw new AnswerFailure(`${said} (too many requests)`, { retryAfterMs: wait });
    }
    if (status === 403 || status === 451) {
      throw new SetupError(`${said} from ${new URL(url).host}: ${body.trim().slice(0, 200)}`, {
        code: 'exchange-refuses',
        hint: 'it does not serve this address or region: choose another exchange (--exchange), or a proxy you may use (--exchange-url)',
      });
    }
    if (status >= 500) throw new AnswerFailure(said, { retryAfterMs: retryAfterMs(headers['Retry-After'], now()) });
    const text = body.trim();
    if (status < 300 && !isJson(text)) throw new AnswerFailure(`${name} sent half an answer or none (${text.length} characters that are not JSON)`);
    return text;
  };

  /** One request, whatever goes wrong in this house's own words. */
  const ask = async <T>(what: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await unlessAborted(request(), signal);
    } catch (cause) {
      if (cause instanceof ccxt.BadSymbol) throw new InputError(`${what}: ${cause.message}`, { code: 'symbol-not-listed', cause, hint: 'the exchange no longer serves this symbol' });
      if (cause instanceof ccxt.OperationFailed || cause instanceof ccxt.BadResponse) throw new AnswerFailure(firstLine(cause.message), { cause });
      if (cause instanceof ccxt.AuthenticationError) throw new SetupError(`${what}: ${firstLine(cause.message)}`, { code: 'exchange-refuses', cause, hint: 'it does not serve this without an account: choose another exchange (--exchange)' });
      if (cause instanceof ccxt.BaseError) throw new InputError(`${what}: ${firstLine(cause.message)}`, { code: 'exchange-refuses-request', cause, hint: 'the exchange does not serve what was asked: try another --since, or another exchange' });
      // What ccxt lets through of its HTTP client: sockets closed in the middle of an answer.
      if (!isExpectedError(cause) && isTransportError(cause)) throw new AnswerFailure(`the connection to ${name} broke: ${cause.message}`, { cause });
      // A program's own mistake while it reads an answer: the answer had another shape than the exchange's own.
      if (cause instanceof TypeError || cause instanceof SyntaxError) throw new AnswerFailure(`${name} sent an answer of another shape: ${cause.message}`, { mostTries: 3, code: 'exchange-answer-invalid', cause });
      throw cause;
    }
  };

  await withRetries(`the markets of ${name}`, () => ask(`the markets of ${name}`, () => client.loadMarkets()), options);
  const listed = Object.keys(client.markets ?? {});
  const ccxtSymbols = new Map(symbols.map((symbol) => [symbol, symbol.replace('-', '/')]));
  for (const [symbol, unified] of ccxtSymbols) {
    if (!listed.includes(unified)) {
      throw new InputError(`${name} lists no ${symbol}`, { code: 'symbol-not-listed', hint: `near names: ${nearNames(unified, listed.filter((market) => !market.includes(':'))).map((market) => market.replace('/', '-')).join(', ')}` });
    }
  }
  const clockAhead = client.has.fetchTime === true ? await readClock(client, ask, options) : undefined;
  const exchangeNow = () => now() + (clockAhead ?? 0);
  const habits = habitsOf(name);
  const pageRows = client.features?.spot?.fetchOHLCV?.limit ?? CAUTIOUS_PAGE_ROWS;

  return {
    name,
    habits,
    pageRows,
    inFlight: Math.min(48, Math.max(4, Math.ceil(LATENCY_MS / client.rateLimit))),
    clockAhead,
    now: exchangeNow,
    async candles(symbol, page) {
      const what = `candles of ${symbol}`;
      // An exchange that counts its candles is asked for whole pages: a short answer then means something.
      const limit = habits.answers === 'window' ? (page.to - page.from) / MINUTE_MS : pageRows;
      const rows = await withRetries(what, async () => {
        const answer = await ask(what, () => client.fetchOHLCV(ccxtSymbols.get(symbol) ?? symbol, '1m', page.from, limit));
        return checkAnswer(answer, { exchange: name, symbol, page, answers: habits.answers, now: exchangeNow() });
      }, options);
      refuseOnlyRecent(rows, symbol, page, { name, habits, now: exchangeNow() });
      const closedBy = exchangeNow() - MINUTE_MS;
      const inPage = rows.filter(([time]) => time >= page.from && time < page.to && time <= closedBy);
      const last = rows.at(-1)?.[0] ?? page.from;
      const short = habits.answers === 'count' && rows.length > 0 && rows.length < limit && last < page.to - MINUTE_MS;
      return { rows: inPage, all: !short };
    },
    async close() {
      await client.close?.();
    },
  };
}

type Ask = <T>(what: string, request: () => Promise<T>) => Promise<T>;

/** The exchange's clock less ours, the half of the way there and back taken off. */
async function readClock(client: Client, ask: Ask, options: ExchangeOptions): Promise<number | undefined> {
  const what = `the clock of ${client.id}`;
  return withRetries(what, async () => {
    const asked = options.now();
    const told = await ask(what, () => client.fetchTime());
    const answered = options.now();
    return told === undefined || !Number.isFinite(told) ? undefined : Math.round(told - (asked + answered) / 2);
  }, options);
}

/** Asked for long ago, it answered with its newest candles and nothing else: there is a gap it will never fill. */
function refuseOnlyRecent(rows: readonly CandleRow[], symbol: string, page: TimeRange, { name, habits, now }: { readonly name: string; readonly habits: ExchangeHabits; readonly now: number }): void {
  if (habits.answers !== 'count' || rows.length === 0) return;
  const first = rows[0][0];
  const last = rows[rows.length - 1][0];
  if (first >= page.to && last > now - 3 * MINUTE_MS) throw historyNotServed(name, symbol, page.from, first);
}

/** @returns the error for history the exchange keeps to itself */
export function historyNotServed(exchange: string, symbol: string, asked: number, oldest: number): InputError {
  return new InputError(`${exchange} serves no 1-minute candles of ${symbol} from ${new Date(asked).toISOString()}: its oldest is ${new Date(oldest).toISOString()}`, {
    code: 'history-not-served',
    hint: `give --since ${new Date(Math.ceil(oldest / 3_600_000) * 3_600_000).toISOString()} or later and keep collecting (--watch), or choose an exchange with history: coinbase, binance, bitfinex`,
  });
}

/** Replaces the origin of every address, whatever its depth; the paths stay. */
function pointAt(client: Client, url: string): void {
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) {
    throw new InputError(`--exchange-url ${url} is not an address of the web`, { code: 'exchange-url-unreadable', hint: 'write it like http://127.0.0.1:8080' });
  }
  const origin = new URL(url).href.replace(/\/$/, '');
  const moved = (value: unknown): unknown =>
    typeof value === 'string' ? value.replace(/^https?:\/\/[^/]+/, origin) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, moved(inner)])) : value;
  client.urls.api = moved(client.urls.api);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isTransportError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(UND_ERR|E[A-Z]+$)/.test(error.code);
}

function firstLine(text: string): string {
  return text.split('\n')[0].slice(0, 300);
}
