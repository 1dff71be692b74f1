import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readCandles } from '../../src/candles/read-candles.js';
import { readManifest } from '../../src/candles/store/series-manifest.js';
import { createRandom } from '../../src/random.js';
import { collect } from '../../src/workflows/collect.js';
import type { CollectedSeries, CollectOptions } from '../../src/workflows/collect.js';
import { FAULTS, startFakeExchange } from '../support/fake-exchange/fake-exchange.js';
import type { FakeExchange, FakeExchangeSettings, WrongAnswer } from '../support/fake-exchange/fake-exchange.js';
import { collectThroughKills } from '../support/fake-exchange/kill-collector.js';
import { simulatedCandles } from '../support/fake-exchange/simulated-candles.js';
import { storeFiles } from '../support/fake-exchange/store-files.js';

const MINUTE = 60_000;
/** Holds an eleven hour gap of BTC-USD's, and a month's end. */
const FROM = '2024-01-28';
const TO = '2024-02-04';
const NOW = Date.UTC(2024, 5, 1, 12, 0, 30);

let folder: string;
let exchange: FakeExchange;
let now = NOW;

async function serve(settings: FakeExchangeSettings = {}): Promise<void> {
  exchange = await startFakeExchange(settings, () => now);
}

/** Waiting for a retry takes no time here. */
const soon = () => new Promise<void>((done) => setTimeout(done, 1));

const run = (options: Partial<CollectOptions> = {}) =>
  collect({ symbols: ['BTC-USD'], since: FROM, until: TO, out: folder, now: () => now, exchangeUrl: exchange.url, exchangeSettings: { rateLimit: 0.5 }, sleep: soon, random: createRandom(1), ...options });

function stored(symbol: string, name = 'coinbase'): number[][] {
  const files = Object.keys(storeFiles(folder)).filter((file) => file.startsWith(join(name, symbol)) && file.endsWith('.parquet'));
  return files.flatMap((file) => {
    const { time, open, high, low, close, volume } = readCandles(join(folder, file), { symbol });
    return Array.from(time, (t, row) => [t, open[row], high[row], low[row], close[row], volume[row]]);
  });
}

const truth = (symbol: string, from: string, to: string | number) => simulatedCandles(symbol, Date.parse(from), typeof to === 'number' ? to : Date.parse(to));

beforeAll(async () => void (await import('ccxt')));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collect-'));
  now = NOW;
});
afterEach(async () => {
  await exchange?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('collect', () => {
  it('stores exactly what the exchange has, over a gap longer than a page and a month end', async () => {
    await serve();
    const { series, notes, stopped } = await run({ symbols: ['BTC/USD', 'eth_usd'] });
    expect({ notes, stopped }).toEqual({ notes: [], stopped: false });
    const candles = truth('BTC-USD', FROM, TO);
    const longest = Math.max(...candles.slice(1).map(([time], i) => time - candles[i][0]));
    expect(longest / MINUTE).toBeGreaterThan(600);
    expect(stored('BTC-USD')).toEqual(candles);
    expect(stored('ETH-USD')).toEqual(truth('ETH-USD', FROM, TO));
    expect(series[0]).toMatchObject({ exchange: 'coinbase', symbol: 'BTC-USD', candles: candles.length, totalCandles: candles.length });
  });

  it('speaks to an exchange that counts candles instead of minutes: Binance', async () => {
    await serve();
    await run({ exchange: 'binance' });
    expect(stored('BTC-USD', 'binance')).toEqual(truth('BTC-USD', FROM, TO));
  });

  it('fetches only what is missing: nothing again, earlier history, then later', async () => {
    await serve();
    await run({ since: '2024-01-30', until: '2024-01-31' });
    const first = exchange.stats.requests;
    expect(first).toBeLessThanOrEqual(7);
    await run({ since: '2024-01-30', until: '2024-01-31' });
    expect(exchange.stats.requests).toBe(first);
    await run({ since: FROM, until: '2024-01-31' });
    await run({ since: FROM, until: TO });
    const inPieces = storeFiles(folder);
    expect(exchange.stats.requests).toBeLessThan(7 * 5 + 15);
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO));
    rmSync(folder, { recursive: true });
    await run();
    expect(storeFiles(folder)).toEqual(inPieces);
  });

  it('never stores the candle that is still open, by the exchange clock, and appends it later', async () => {
    await serve({ clockAheadMs: 10 * MINUTE });
    const { notes } = await run({ since: '3h', until: 'now' });
    expect(notes).toEqual([expect.stringMatching(/local clock is 600 s behind coinbase's/)]);
    const closed = Math.floor((NOW + 10 * MINUTE) / MINUTE) * MINUTE;
    expect(stored('BTC-USD').at(-1)?.[0]).toBe(simulatedCandles('BTC-USD', closed - 60 * MINUTE, closed).at(-1)?.[0]);
    now += 5 * MINUTE;
    await run({ since: '3h', until: 'now' });
    expect(stored('BTC-USD').slice(-5)).toEqual(simulatedCandles('BTC-USD', closed - 60 * MINUTE, closed + 5 * MINUTE).slice(-5));
  });

  it('asks again for minutes at the end that were empty: an exchange may publish late', async () => {
    await serve({ publishDelayMs: 20 * MINUTE });
    await run({ since: '3h', until: 'now' });
    expect(stored('BTC-USD').at(-1)?.[0]).toBeLessThanOrEqual(NOW - 21 * MINUTE);
    exchange.settings = {};
    await run({ since: '3h', until: 'now' });
    expect(stored('BTC-USD')).toEqual(simulatedCandles('BTC-USD', NOW - 180 * MINUTE, Math.floor(NOW / MINUTE) * MINUTE));
  });

  it('watches: one more candle each minute until interrupted', async () => {
    await serve();
    const stop = new AbortController();
    let minutes = 0;
    const nextMinute = (ms: number) => {
      now += ms;
      if (++minutes === 4) stop.abort();
      return soon();
    };
    const { stopped } = await run({ since: '1h', until: 'now', watch: true, sleep: nextMinute, signal: stop.signal });
    expect(stopped).toBe(true);
    const end = Math.floor(NOW / MINUTE) * MINUTE + 3 * MINUTE;
    expect(stored('BTC-USD')).toEqual(simulatedCandles('BTC-USD', NOW - 60 * MINUTE, end));
  });

  it('stores what it has when interrupted, and goes on from there', async () => {
    await serve({ latencyMs: 5 });
    const stop = new AbortController();
    const { stopped, series } = await run({ signal: stop.signal, onProgress: ({ done }) => done >= 3000 && stop.abort() });
    expect(stopped).toBe(true);
    expect(series[0].candles).toBeGreaterThan(1000);
    expect(series[0].candles).toBeLessThan(truth('BTC-USD', FROM, TO).length);
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO).slice(0, series[0].candles));
    await run();
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO));
  });

  it('reports progress by symbol', async () => {
    await serve();
    const events: string[] = [];
    await run({ since: '2024-01-30', until: '2024-01-31', onProgress: ({ label, done, total, unit }) => events.push(`${label} ${done}/${total} ${unit}`) });
    expect(events.at(-1)).toBe('collect BTC-USD 1440/1440 minutes');
  });
});

describe('collect from an exchange with faults', () => {
  it.each(FAULTS)('asks again after %s', async (fault) => {
    await serve({ faultShare: 0.4, faults: [fault] });
    await run();
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO));
    expect(exchange.stats.requests).toBeGreaterThan(exchange.stats.served);
  });

  it('waits as long as Retry-After says', async () => {
    await serve({ requestsPerSecond: 100 });
    const waits: number[] = [];
    await run({ since: '2024-01-15', sleep: (ms) => { waits.push(ms); return new Promise((done) => setTimeout(done, 100)); } });
    expect(exchange.stats.tooMany).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(900);
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', '2024-01-15', TO));
  });

  it('gives up after eight tries', async () => {
    await serve({ alwaysStatus: 503 });
    await expect(run()).rejects.toMatchObject({ name: 'TemporaryError', code: 'exchange-unavailable', message: expect.stringMatching(/503.*asked 8 times/) as string });
  });

  it.each<WrongAnswer>(['timeframe', 'unordered', 'outside', 'duplicate', 'not-finite', 'high-below-low', 'off-minute'])('refuses an answer that is wrong (%s), after asking three times, and keeps what came before', async (kind) => {
    await serve({ wrong: { kind, minute: Date.parse('2024-01-30T12:00Z'), times: 9 } });
    await expect(run()).rejects.toMatchObject({ code: 'exchange-answer-invalid', message: expect.stringMatching(/coinbase answered for BTC-USD, asked for 2024-01-30T\d\d:\d\dZ .*asked 3 times/) as string });
    const before = stored('BTC-USD');
    expect(before).toEqual(truth('BTC-USD', FROM, TO).slice(0, before.length));
    exchange.settings = { wrong: { kind, minute: Date.parse('2024-01-30T12:00Z'), times: 0 } };
    await run();
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO));
  });

  it('takes a wrong answer that comes right when asked again', async () => {
    await serve({ wrong: { kind: 'unordered', minute: Date.parse('2024-01-30T12:00Z'), times: 1 } });
    await run();
    expect(stored('BTC-USD')).toEqual(truth('BTC-USD', FROM, TO));
  });
});

it('what the others came to is told before the error of a symbol that failed', async () => {
  await serve();
  // February of one of them cannot be written.
  const inTheWay = join(folder, 'coinbase/ETH-USD/1m/2024-02.parquet');
  const onProgress = (): void => void mkdirSync(inTheWay, { recursive: true });
  const partial: CollectedSeries[] = [];
  const collecting = run({ symbols: ['BTC-USD', 'ETH-USD'], onProgress, onPartial: (series) => void partial.push(...series) });
  await expect(collecting).rejects.toMatchObject({ code: 'cannot-write', place: { file: inTheWay } });
  const ofBtc = truth('BTC-USD', FROM, TO).length;
  expect(partial[0]).toMatchObject({ symbol: 'BTC-USD', candles: ofBtc, totalCandles: ofBtc });
  expect(partial[1]).toMatchObject({ symbol: 'ETH-USD', totalCandles: readManifest(folder, { exchange: 'coinbase', symbol: 'ETH-USD' })?.months['2024-01'].rows });
});

describe('collect, asked for what cannot be', () => {
  it.each<[string, Partial<CollectOptions>, string, RegExp]>([
    ['an unknown symbol', { symbols: ['BTC-USD', 'ETC-USD'] }, 'symbol-not-listed', /lists no ETC-USD/],
    ['an unknown exchange', { exchange: 'coinbse' }, 'exchange-unknown', /coinbse/],
    ['no 1-minute candles', { exchange: 'bitbns' }, 'timeframe-not-served', /1-minute/],
    ['a start in the future', { since: '2024-07-01' }, 'since-in-future', /2024-07-01/],
    ['a start that is no time', { since: 'yesterday' }, 'since-unreadable', /yesterday/],
    ['an end that is no time', { until: '2024-13-01' }, 'until-unreadable', /2024-13-01/],
    ['an end before the start', { since: '2024-02-01', until: '2024-01-01' }, 'until-before-since', /2024-01-01/],
    ['no symbol', { symbols: [] }, 'symbols-missing', /no symbol/],
    ['an address that is not of the web', { exchangeUrl: 'ftp://127.0.0.1' }, 'exchange-url-unreadable', /ftp:/],
    ['a symbol that is a path', { symbols: ['../../x'] }, 'symbol-unreadable', /x is not a symbol/],
    ['an exchange that is a path', { exchange: '../../x' }, 'exchange-unknown', /x/],
    ['an age beyond all time', { since: '99999999999y' }, 'since-unreadable', /99999999999y/],
    ['an address that is none', { exchangeUrl: 'coinbase' }, 'exchange-url-unreadable', /coinbase/],
  ])('%s', async (_, options, code, message) => {
    await serve();
    await expect(run(options)).rejects.toMatchObject({ name: 'InputError', code, message: expect.stringMatching(message) as string });
    expect(exchange.stats.requests).toBe(0);
  });

  it('names near symbols and exchanges', async () => {
    await serve();
    await expect(run({ symbols: ['ETC-USD'] })).rejects.toMatchObject({ hint: expect.stringContaining('ETH-USD') as string });
    await expect(run({ exchange: 'coinbse' })).rejects.toMatchObject({ hint: expect.stringContaining('coinbase') as string });
  });

  it.each([403, 451])('a region that the exchange refuses (%i)', async (alwaysStatus) => {
    await serve({ alwaysStatus });
    await expect(run()).rejects.toMatchObject({ name: 'SetupError', code: 'exchange-refuses', message: expect.stringContaining('restricted location') as string });
  });
});

describe('the targets', () => {
  it('reaches 90 % of what the rate limit allows, three symbols, 100 ms latency, hardly a 429', async () => {
    const perRequestMs = 24;
    await serve({ latencyMs: 100, requestsPerSecond: 1000 / perRequestMs });
    await run({ symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD'], since: '2024-01-13', until: '2024-01-28', exchangeSettings: { rateLimit: perRequestMs / 3 }, sleep: undefined });
    const { served, firstAt, lastAt, tooMany } = exchange.stats;
    expect(served).toBeGreaterThanOrEqual(216);
    // A machine that stands still for a moment delivers what was sent apart together.
    expect(tooMany).toBeLessThanOrEqual(4);
    expect(((served - 1) * perRequestMs) / (lastAt - firstAt)).toBeGreaterThan(0.9);
  });

  it('killed at random points and started again, the store is byte-equal to an undisturbed run', async () => {
    const options = { symbols: ['BTC-USD', 'ETH-USD'], since: '2024-01-15', until: '2024-02-15', exchangeSettings: { rateLimit: 8 } };
    await serve({ faultShare: 0.02 });
    await run({ ...options, exchangeSettings: { rateLimit: 0.5 } });
    const undisturbed = storeFiles(folder);
    rmSync(folder, { recursive: true });
    const kills = Number(process.env.CRPBOT_KILLS ?? 8);
    const killed = await collectThroughKills({ ...options, out: folder, exchangeUrl: exchange.url }, { kills, spanMs: 2000, random: createRandom(4) });
    expect(killed).toBeGreaterThanOrEqual(Math.min(kills, 6));
    expect(storeFiles(folder)).toEqual(undisturbed);
  }, 600_000);
});
