import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simulatedCandles, uniform } from './simulated-candles.js';
import type { SimulatedCandle } from './simulated-candles.js';

const MINUTE_MS = 60_000;

/** What an exchange can do to its clients. */
export const FAULTS = ['too-many-requests', 'server-error', 'gateway-page', 'dropped', 'half-body', 'half-json', 'empty'] as const;
export type Fault = (typeof FAULTS)[number];

export type WrongAnswer = 'timeframe' | 'unordered' | 'outside' | 'duplicate' | 'not-finite' | 'high-below-low' | 'off-minute';

export interface FakeExchangeSettings {
  /** Default BTC-USD, ETH-USD, SOL-USD. */
  readonly symbols?: readonly string[];
  /** Candle requests a second; more than that, after a burst of 10, is answered 429. Default: no limit. */
  readonly requestsPerSecond?: number;
  readonly latencyMs?: number;
  /** The share of candle requests that meet a fault, the first time and the second; never the third. */
  readonly faultShare?: number;
  readonly faults?: readonly Fault[];
  readonly seed?: number;
  /** Every request is answered with this status. */
  readonly alwaysStatus?: number;
  /** Candle requests of pages that hold this minute get this wrong answer, so many times. */
  readonly wrong?: { readonly kind: WrongAnswer; readonly minute: number; readonly times: number };
  /** The exchange's clock less this machine's, ms. */
  readonly clockAheadMs?: number;
  /** A candle shows so long after its minute ends. */
  readonly publishDelayMs?: number;
}

export interface FakeExchange {
  readonly url: string;
  readonly stats: FakeExchangeStats;
  settings: FakeExchangeSettings;
  close(): Promise<void>;
}

export interface FakeExchangeStats {
  /** Candle requests, and those answered in full. */
  requests: number;
  served: number;
  tooMany: number;
  /** Of the first and the last candle request, ms on the server's clock. */
  firstAt: number;
  lastAt: number;
  /** Candle requests by what was asked: `BTC-USD 2024-01-01T00:00:00.000Z`. */
  readonly asked: Map<string, number>;
}

/**
 * A real HTTP server on loopback that speaks Coinbase's (Advanced Trade) and Binance's public market data, as far as
 * ccxt's own client asks for it.
 */
export async function startFakeExchange(settings: FakeExchangeSettings = {}, now: () => number = Date.now, port = 0): Promise<FakeExchange> {
  const stats: FakeExchangeStats = { requests: 0, served: 0, tooMany: 0, firstAt: 0, lastAt: 0, asked: new Map() };
  const bucket = { tokens: 10, at: performance.now() };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.keepAliveTimeout = 60_000;
  const exchange: FakeExchange = { url: '', stats, settings, close: () => new Promise((done) => { server.close(() => done()); server.closeAllConnections(); }) };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { settings } = exchange;
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/stats') return send(response, 200, { ...stats, asked: undefined });
    if (settings.alwaysStatus !== undefined) return send(response, settings.alwaysStatus, { message: 'Service unavailable from a restricted location' });
    if (settings.latencyMs !== undefined) await new Promise((done) => setTimeout(done, settings.latencyMs));
    const clock = now() + (settings.clockAheadMs ?? 0);
    const symbols = settings.symbols ?? ['BTC-USD', 'ETH-USD', 'SOL-USD'];
    const coinbase = /^\/api\/v3\/brokerage\/market\/products\/([^/]+)\/candles$/.exec(url.pathname);
    if (coinbase !== null) {
      const question = { symbol: coinbase[1], from: Number(url.searchParams.get('start')) * 1000, to: Number(url.searchParams.get('end')) * 1000 + 1, limit: 350 };
      if (url.searchParams.get('granularity') !== 'ONE_MINUTE') return send(response, 400, { error: 'INVALID_ARGUMENT', error_details: 'granularity' });
      if ((question.to - question.from) / MINUTE_MS > question.limit) return send(response, 400, { error: 'INVALID_ARGUMENT', error_details: 'start and end argument is invalid - number of candles requested should be less than 350' });
      return answerCandles(response, question, clock, (candles) => ({
        candles: [...candles].reverse().map(([time, open, high, low, close, volume]) => ({ start: String(time / 1000), low: String(low), high: String(high), open: String(open), close: String(close), volume: String(volume) })),
      }));
    }
    if (url.pathname === '/api/v3/klines') {
      const symbol = symbols.find((name) => name.replace('-', '') === url.searchParams.get('symbol')) ?? '';
      const limit = Math.min(1000, Number(url.searchParams.get('limit') ?? 500));
      return answerCandles(response, { symbol, from: Number(url.searchParams.get('startTime')), to: Infinity, limit }, clock, (candles) =>
        candles.map(([time, ...values]) => [time, ...values.map(String), time + MINUTE_MS - 1, '0', 1, '0', '0', '0']));
    }
    if (url.pathname === '/v2/time') return send(response, 200, { data: { epoch: Math.floor(clock / 1000), iso: new Date(clock).toISOString() } });
    if (url.pathname === '/api/v3/time') return send(response, 200, { serverTime: clock });
    if (url.pathname === '/api/v3/brokerage/market/products') return send(response, 200, { products: url.searchParams.has('product_type') ? [] : symbols.map(coinbaseProduct) });
    if (url.pathname === '/api/v3/exchangeInfo') return send(response, 200, { timezone: 'UTC', serverTime: clock, rateLimits: [], symbols: symbols.map(binanceSymbol) });
    send(response, 404, { error: 'NOT_FOUND', error_details: url.pathname });
  }

  function answerCandles(response: ServerResponse, question: Question, clock: number, shape: (candles: readonly SimulatedCandle[]) => unknown): void {
    const { settings } = exchange;
    stats.requests++;
    stats.lastAt = performance.now();
    stats.firstAt ||= stats.lastAt;
    if (!withinLimit()) return tooMany(response);
    const name = `${question.symbol} ${new Date(question.from).toISOString()}`;
    const times = (stats.asked.get(name) ?? 0) + 1;
    stats.asked.set(name, times);
    const page = { ...question, to: Math.min(question.to, clock + MINUTE_MS) };
    const shown = clock - (settings.publishDelayMs ?? 0);
    let candles = page.to > page.from ? firstCandles(page).filter(([time]) => time <= clock && (settings.publishDelayMs === undefined || time + MINUTE_MS <= shown)) : [];
    const { wrong } = settings;
    if (wrong !== undefined && times <= wrong.times && wrong.minute >= question.from && wrong.minute < question.to) candles = spoil(candles, wrong.kind);
    const body = JSON.stringify(shape(candles));
    const fault = times <= 2 ? faultFor(name, times) : undefined;
    if (fault !== undefined) return misbehave(response, fault, body);
    stats.served++;
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  function withinLimit(): boolean {
    const { requestsPerSecond } = exchange.settings;
    if (requestsPerSecond === undefined) return true;
    const at = performance.now();
    bucket.tokens = Math.min(10, bucket.tokens + ((at - bucket.at) * requestsPerSecond) / 1000);
    bucket.at = at;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  function tooMany(response: ServerResponse): void {
    stats.tooMany++;
    response.setHeader('retry-after', '1');
    send(response, 429, { error: 'rate_limit_exceeded', message: 'too many requests' });
  }

  function faultFor(name: string, times: number): Fault | undefined {
    const { faultShare = 0, faults = FAULTS, seed = 1 } = exchange.settings;
    const key = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, seed);
    return uniform(key, times) < faultShare ? faults[Math.floor(uniform(key, times, 7) * faults.length)] : undefined;
  }

  function misbehave(response: ServerResponse, fault: Fault, body: string): void {
    switch (fault) {
      case 'too-many-requests':
        stats.tooMany++;
        return send(response, 429, { error: 'rate_limit_exceeded' });
      case 'server-error':
        return send(response, 500, { error: 'INTERNAL' });
      case 'gateway-page':
        return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>');
      case 'dropped':
        return void response.destroy();
      case 'half-body':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).write(body.slice(0, body.length / 2));
        setTimeout(() => response.destroy(), 5);
        return;
      case 'half-json':
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(body.slice(0, body.length / 2));
      case 'empty':
        return void response.writeHead(200, { 'content-type': 'application/json' }).end('');
    }
  }

  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return Object.assign(exchange, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

interface Question {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

function firstCandles({ symbol, from, to, limit }: Question): SimulatedCandle[] {
  const found: SimulatedCandle[] = [];
  for (let start = from; start < to && found.length < limit; start += limit * MINUTE_MS) found.push(...simulatedCandles(symbol, start, Math.min(to, start + limit * MINUTE_MS)));
  return found.slice(0, limit);
}

function spoil(candles: readonly SimulatedCandle[], kind: WrongAnswer): SimulatedCandle[] {
  const [first, second, ...rest] = candles;
  const [time, open, high, low, close, volume] = second;
  switch (kind) {
    case 'timeframe':
      return candles.filter(([opened]) => opened % (5 * MINUTE_MS) === 0);
    case 'unordered':
      return [second, first, ...rest];
    case 'outside':
      return [[first[0] - 86_400_000, first[1], first[2], first[3], first[4], first[5]], second, ...rest];
    case 'duplicate':
      return [first, second, second, ...rest];
    case 'not-finite':
      return [first, [time, NaN, high, low, close, volume], ...rest];
    case 'high-below-low':
      return [first, [time, open, low, high, close, volume], ...rest];
    case 'off-minute':
      return [first, [time + 1000, open, high, low, close, volume], ...rest];
  }
}

function coinbaseProduct(symbol: string): object {
  const [base, quote] = symbol.split('-');
  return { product_id: symbol, product_type: 'SPOT', base_currency_id: base, quote_currency_id: quote, base_increment: '0.00000001', quote_increment: '0.01', price_increment: '0.01', base_min_size: '0.00000001', base_max_size: '3400', quote_min_size: '1', quote_max_size: '150000000', status: 'online', trading_disabled: false, alias_to: [] };
}

function binanceSymbol(symbol: string): object {
  const [baseAsset, quoteAsset] = symbol.split('-');
  return { symbol: baseAsset + quoteAsset, status: 'TRADING', baseAsset, baseAssetPrecision: 8, quoteAsset, quotePrecision: 8, quoteAssetPrecision: 8, orderTypes: ['LIMIT'], icebergAllowed: true, isSpotTradingAllowed: true, isMarginTradingAllowed: false, filters: [], permissions: ['SPOT'] };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
