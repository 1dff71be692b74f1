import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/features/compute-features.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import { acceptCandle } from '../../../src/features/streaming/live-candles.js';
import type { LiveCandle } from '../../../src/features/streaming/live-candles.js';
import { LiveFeatures } from '../../../src/features/streaming/live-features.js';
import { randomCandles } from '../../support/random-candles.js';

const noon = Date.UTC(2025, 0, 1, 12);
const minute = (n: number, values: Partial<LiveCandle> = {}): LiveCandle => ({ time: noon + n * 60_000, open: 10, high: 12, low: 9, close: 11, volume: 1, ...values });

describe('a candle that arrives', () => {
  it('is accepted when it is the first, or the next', () => {
    expect(acceptCandle(undefined, minute(0))).toEqual({ status: 'accepted' });
    expect(acceptCandle(minute(0), minute(1))).toEqual({ status: 'accepted' });
  });

  it('is accepted after a gap, and the missing minutes are named', () => {
    const gap = { from: noon + 60_000, to: noon + 3 * 60_000, minutes: 3 };
    expect(acceptCandle(minute(0), minute(4))).toEqual({ status: 'accepted', gap });
  });

  it('is a duplicate when the newest comes again, a revision when it comes with other values', () => {
    expect(acceptCandle(minute(0), minute(0))).toEqual({ status: 'duplicate' });
    expect(acceptCandle(minute(0), minute(0, { close: 10.5, volume: 2 }))).toEqual({ status: 'revised', accepted: minute(0), changed: ['close', 'volume'] });
  });

  it('is late when a newer one has been taken', () => {
    expect(acceptCandle(minute(5), minute(3))).toEqual({ status: 'late', newest: noon + 5 * 60_000, minutesLate: 2 });
  });

  it.each<[string, Partial<LiveCandle>]>([
    ['candle-not-finite', { close: NaN }],
    ['candle-not-finite', { high: Infinity }],
    ['candle-not-finite', { time: NaN }],
    ['candle-not-finite', { volume: undefined as unknown as number }],
    ['candle-not-finite', { open: '10' as unknown as number }],
    ['candle-time-off-minute', { time: noon + 1 }],
    ['candle-price-not-positive', { low: 0 }],
    ['candle-high-too-low', { high: 8 }],
    ['candle-high-too-low', { high: 10.5 }],
    ['candle-low-too-high', { low: 10.5 }],
    ['candle-volume-negative', { volume: -1 }],
  ])('is invalid, %s: %o', (code, values) => {
    expect(acceptCandle(minute(-1), minute(0, values))).toMatchObject({ status: 'invalid', code });
  });

  it('is invalid while its minute has not passed, where the time is given', () => {
    expect(acceptCandle(undefined, minute(0), noon + 59_999)).toMatchObject({ status: 'invalid', code: 'candle-not-closed' });
    expect(acceptCandle(undefined, minute(0), noon + 60_000)).toEqual({ status: 'accepted' });
  });
});

describe('live features of one symbol', () => {
  const set = featureSet('v2-50');
  const candles = randomCandles({ rows: 160, gaps: 0.1 });
  const batch = computeFeatures(candles, set).columns;
  const at = (row: number): LiveCandle => ({
    time: candles.time[row], open: candles.open[row], high: candles.high[row], low: candles.low[row], close: candles.close[row], volume: candles.volume[row],
  });

  it('are the batch, whatever else arrives in between, and over restarts', () => {
    const disturbances = fc.array(fc.record({ row: fc.nat(159), kind: fc.constantFrom('again', 'revised', 'late', 'broken', 'restart') }), { maxLength: 40 });
    fc.assert(
      fc.property(disturbances, (list) => {
        let live = new LiveFeatures(set);
        for (let row = 0; row < 160; row++) {
          const answer = live.push(at(row));
          if (answer.status !== 'accepted') throw new Error(`row ${row} is ${answer.status}`);
          for (const [f, column] of batch.entries()) if (!Object.is(answer.row[f], column[row])) throw new Error(`${set.columns[f]} differs in row ${row}`);
          for (const { kind } of list.filter((one) => one.row === row)) {
            if (kind === 'again') expect(live.push(at(row)).status).toBe('duplicate');
            else if (kind === 'revised') expect(live.push({ ...at(row), volume: at(row).volume + 1 }).status).toBe('revised');
            else if (kind === 'late' && row > 0) expect(live.push(at(row - 1)).status).toBe('late');
            else if (kind === 'broken') expect(live.push({ ...at(row), time: at(row).time + 60_000, high: 0 }).status).toBe('invalid');
            else if (kind === 'restart') {
              const state = live.save();
              live = new LiveFeatures(set);
              live.restore(state);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('know a duplicate and a late candle after a restart', () => {
    const before = new LiveFeatures(set);
    for (let row = 0; row < 10; row++) before.push(at(row));
    const live = new LiveFeatures(set);
    live.restore(before.save());
    expect([live.push(at(9)).status, live.push(at(3)).status, live.push(at(10)).status]).toEqual(['duplicate', 'late', 'accepted']);
  });

  it('stay as they were when a state cannot be read', () => {
    const live = new LiveFeatures(set);
    live.push(at(0));
    const state = live.save();
    state[state.length - 20] ^= 1;
    expect(() => live.restore(state)).toThrow(expect.objectContaining({ code: 'stream-state-unreadable' }));
    expect(live.push(at(0)).status).toBe('duplicate');
  });
});
