import { describe, expect, it } from 'vitest';
import type { Candles } from '../../../src/candles/candles.js';
import type { Exchange } from '../../../src/candles/collect/ccxt-exchange.js';
import { collectSeries } from '../../../src/candles/collect/collect-series.js';
import type { SeriesWriter } from '../../../src/candles/store/series-writer.js';
import { mergeRanges, missingRanges } from '../../../src/candles/time-range.js';
import type { TimeRange } from '../../../src/candles/time-range.js';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);
const range = (from: number, to: number): TimeRange => ({ from: START + from * MINUTE, to: START + to * MINUTE });

/** In memory: what was appended, minute by minute. */
function memoryWriter(covered: readonly TimeRange[] = []) {
  const state = { covered, minutes: [] as number[] };
  const writer: SeriesWriter = {
    manifest: { format: 1, exchange: 'x', symbol: 'A-B', timeframe: '1m', months: {}, covered: [] },
    missing: (wanted) => missingRanges(wanted, state.covered),
    append: (candles: Candles, answered) => {
      state.covered = mergeRanges([...state.covered, answered]);
      for (const time of candles.time) state.minutes.push((time - START) / MINUTE);
      return Promise.resolve();
    },
    close: () => undefined,
  };
  return { writer, state };
}

/** Has a candle in each of `minutes`; answers at most `atMost` rows, whatever it says its pages are. */
function exchangeWith(minutes: (minute: number) => boolean, { now, atMost = 1000, recentMinutes }: { readonly now: number; readonly atMost?: number; readonly recentMinutes?: number }) {
  const asked: TimeRange[] = [];
  const exchange: Exchange = {
    name: 'x', pageRows: 10, inFlight: 4, clockAhead: 0, now: () => START + now * MINUTE, close: () => Promise.resolve(),
    habits: { answers: 'count', ...(recentMinutes !== undefined && { recentMinutes }) },
    candles: (_, page) => {
      asked.push(page);
      const all = [];
      for (let time = page.from; time < page.to; time += MINUTE) if (minutes((time - START) / MINUTE)) all.push([time, 1, 1, 1, 1, 1]);
      return Promise.resolve({ rows: all.slice(0, atMost), all: all.length <= atMost });
    },
  };
  return { exchange, asked };
}

const collectFrom = (exchange: Exchange, writer: SeriesWriter, wanted: TimeRange) => collectSeries({ exchange, symbol: 'A-B', writer, range: wanted, inFlight: 3 });

describe('one series', () => {
  it('learns that an exchange answers less than a page', async () => {
    const { exchange } = exchangeWith(() => true, { now: 100_000, atMost: 4 });
    const { writer, state } = memoryWriter();
    await collectFrom(exchange, writer, range(0, 25));
    expect(state.minutes).toEqual(Array.from({ length: 25 }, (_, minute) => minute));
  });

  it('asks for holes only, and counts a hole before stored data as answered to its end', async () => {
    const { exchange, asked } = exchangeWith((minute) => minute < 5, { now: 60 });
    const { writer, state } = memoryWriter([range(20, 60)]);
    await collectFrom(exchange, writer, range(0, 60));
    expect(asked.every(({ to }) => to <= range(0, 20).to)).toBe(true);
    expect(state.covered).toEqual([range(0, 60)]);
  });

  it('leaves emptiness at the end open while it is younger than a day', async () => {
    const { exchange } = exchangeWith((minute) => minute < 25, { now: 60 });
    const { writer, state } = memoryWriter();
    await collectFrom(exchange, writer, range(0, 60));
    expect(state.covered).toEqual([range(0, 25)]);
  });

  it('believes emptiness at the end that is older', async () => {
    const { exchange } = exchangeWith((minute) => minute < 25, { now: 60 + 1440 });
    const { writer, state } = memoryWriter();
    await collectFrom(exchange, writer, range(0, 60));
    expect(state.covered).toEqual([range(0, 60)]);
  });

  it('asks twice for an empty page after candles, once before the first', async () => {
    const { exchange, asked } = exchangeWith((minute) => minute >= 20 && minute < 30, { now: 100_000 });
    await collectSeries({ exchange, symbol: 'A-B', writer: memoryWriter().writer, range: range(0, 40), inFlight: 1 });
    expect(asked.map(({ from }) => (from - START) / MINUTE)).toEqual([0, 10, 20, 30, 30]);
  });

  it('refuses history that the exchange keeps to itself: Kraken and its 720 minutes', async () => {
    const { exchange, asked } = exchangeWith(() => true, { now: 2000, recentMinutes: 720 });
    await expect(collectFrom(exchange, memoryWriter().writer, range(0, 2000))).rejects.toMatchObject({ name: 'InputError', code: 'history-not-served' });
    expect(asked).toEqual([]);
    await expect(collectFrom(exchange, memoryWriter([range(0, 1500)]).writer, range(0, 2000))).resolves.toBeUndefined();
  });
});
