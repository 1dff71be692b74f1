import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessions } from '../../../src/features/indicators/sessions.js';
import { spread } from '../../../src/features/indicators/spread.js';

const at = (...iso: string[]): Float64Array => Float64Array.from(iso, (time) => Date.parse(time));

describe('sessions', () => {
  it('change at 8 and 16 o’clock UTC', () => {
    const { session_tokyo, session_london, session_new_york } = sessions(
      at('2024-02-29T00:00Z', '2024-02-29T07:59Z', '2024-02-29T08:00Z', '2024-02-29T15:59Z', '2024-02-29T16:00Z', '2024-02-29T23:59Z'),
    );
    expect(Array.from(session_tokyo)).toEqual([1, 1, 0, 0, 0, 0]);
    expect(Array.from(session_london)).toEqual([0, 0, 1, 1, 0, 0]);
    expect(Array.from(session_new_york)).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it('count the week from Monday 0', () => {
    const { day_of_week, is_weekend } = sessions(at('2024-02-26T12:00Z', '2024-03-01T23:59Z', '2024-03-02T00:00Z', '2024-03-03T00:00Z'));
    expect(Array.from(day_of_week)).toEqual([0, 4, 5, 6]);
    expect(Array.from(is_weekend)).toEqual([0, 0, 1, 1]);
  });

  it('agree with the calendar at any time, also before 1970', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50_000_000, max: 50_000_000 }), (minute) => {
        const date = new Date(minute * 60_000);
        const { session_tokyo, session_london, day_of_week } = sessions(Float64Array.of(date.getTime()));
        expect(day_of_week[0]).toBe((date.getUTCDay() + 6) % 7);
        expect(session_tokyo[0]).toBe(date.getUTCHours() < 8 ? 1 : 0);
        expect(session_london[0]).toBe(date.getUTCHours() >= 8 && date.getUTCHours() < 16 ? 1 : 0);
      }),
    );
  });
});

describe('spread', () => {
  it('is the height of the candle: plain, in percent of close, over the average true range', () => {
    const one = Float64Array.of(1);
    const candles = { symbol: 'A-B', time: one, open: one, high: Float64Array.of(102), low: Float64Array.of(98), close: Float64Array.of(100), volume: one };
    const columns = spread(candles, Float64Array.of(2));
    expect([columns.spread[0], columns.spread_pct[0]]).toEqual([4, 4]);
    expect(columns.spread_atr_ratio[0]).toBe(4 / (2 + 1e-8));
  });

  it('does not divide by a range of 0', () => {
    const one = Float64Array.of(1);
    const still = { symbol: 'A-B', time: one, open: one, high: one, low: one, close: one, volume: one };
    expect(spread(still, Float64Array.of(0)).spread_atr_ratio[0]).toBe(0);
  });
});
