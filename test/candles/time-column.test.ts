import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsToMs, parseIsoTime, parseNumber, timeUnitOf } from '../../src/candles/time-column.js';

const monday = Date.UTC(2025, 0, 6, 12, 34);

describe('times as numbers', () => {
  it.each([
    ['s', monday / 1000],
    ['ms', monday],
    ['us', monday * 1000],
    ['ns', monday * 1e6],
  ])('in %s become ms, exactly', (unit, count) => {
    expect(timeUnitOf(count)).toBe(unit);
    const column = Float64Array.of(count, NaN, count);
    countsToMs(column, (row) => ({ row }));
    expect(column).toEqual(Float64Array.of(monday, NaN, monday));
  });

  it('have the same unit in every year from 1974 to 2100', () => {
    for (const [unit, perMs] of [['s', 0.001], ['ms', 1], ['us', 1000], ['ns', 1e6]] as const) {
      for (let year = 1974; year <= 2100; year++) expect(timeUnitOf(Date.UTC(year, 0) * perMs)).toBe(unit);
    }
  });

  it('are on the minute after as before, whatever the unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_000_000, max: 60_000_000 }), fc.constantFrom(0.001, 1, 1000, 1e6), (minutes, perMs) => {
        const column = Float64Array.of(minutes * 60_000 * perMs);
        countsToMs(column, (row) => ({ row }));
        expect(column[0]).toBe(minutes * 60_000);
      }),
    );
  });

  it.each([
    ['row numbers', [0, 1, 2], 'candle-time-unreadable', 0],
    ['two units', [monday, monday * 1000], 'candle-time-unit-mixed', 1],
    ['negative times', [-monday], 'candle-time-unreadable', 0],
    ['absurd times', [monday, 1e30], 'candle-time-unreadable', 1],
  ])('that are %s are refused', (_, counts, code, row) => {
    expect(() => countsToMs(Float64Array.from(counts), (at) => ({ row: at }))).toThrow(expect.objectContaining({ code, place: { row, column: 'time' } }));
  });
});

describe('times as text', () => {
  it.each([
    ['2025-01-06 12:34', monday],
    ['2025-01-06T12:34:00', monday],
    ['2025-01-06T12:34:00.000Z', monday],
    ['2025-01-06 12:34:00 UTC', monday],
    ['2025/01/06 12:34:00', monday],
    ['2025-01-06 12:34:00+00:00', monday],
    ['2025-01-06 14:34:00+02:00', monday],
    ['2025-01-06 07:34:00-0500', monday],
    ['2025-01-06T12:34:00.123456789', monday + 123.456789],
    ['2025-01-06', Date.UTC(2025, 0, 6)],
    ['2024-02-29 00:00', Date.UTC(2024, 1, 29)],
  ])('%s', (text, expected) => {
    expect(parseIsoTime(text)).toBe(expected);
  });

  it.each(['', 'NaT', '06.01.2025 12:34', '01/06/2025 12:34', '2025-02-29', '2025-13-01', '2025-01-06 24:00', '2025-01-06 12:60', '2025-01-06 12', '12:34', '2025-01-06 12:34 PM', '1736166840000'])(
    '%j is none',
    (text) => expect(parseIsoTime(text)).toBeNaN(),
  );

  it('reads what JavaScript and Python write', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1974-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(parseIsoTime(date.toISOString())).toBe(date.getTime());
        expect(parseIsoTime(date.toISOString().replace('T', ' ').replace('Z', '+00:00'))).toBe(date.getTime());
      }),
    );
  });
});

describe('numbers', () => {
  it('are what JavaScript writes', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => parseNumber(String(value)) === value));
  });

  it.each(['', ' ', 'NaN', 'nan', 'Infinity', '-', '.', '1e', '1,234.5', '1 234', '0x10', '1_000', '12a', 'null'])('%j is none', (text) => {
    expect(parseNumber(text)).toBeNaN();
  });
});
