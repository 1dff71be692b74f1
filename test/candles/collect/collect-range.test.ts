import { describe, expect, it } from 'vitest';
import { collectRange, readMoment } from '../../../src/candles/collect/collect-range.js';

const NOW = Date.UTC(2024, 5, 1, 12, 0, 30);
const at = (text: string) => new Date(readMoment(text, 'since', NOW)).toISOString();

describe('a moment on the command line', () => {
  it.each([
    ['now', '2024-06-01T12:00:30.000Z'],
    ['30m', '2024-06-01T11:30:30.000Z'],
    ['12h', '2024-06-01T00:00:30.000Z'],
    ['90d', '2024-03-03T12:00:30.000Z'],
    ['2y', '2022-06-02T12:00:30.000Z'],
    ['2024-01', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T08:00', '2024-01-01T08:00:00.000Z'],
    ['2024-01-01T08:00+02:00', '2024-01-01T06:00:00.000Z'],
  ])('%s', (text, expected) => expect(at(text)).toBe(expected));

  it.each(['', '2', 'y', '-1d', '1.5y', 'tomorrow', '2024-13-01', '1704067200', '1969-01-01', '01/02/2024', '99y'])('refuses "%s"', (text) => {
    expect(() => readMoment(text, 'since', NOW)).toThrow(expect.objectContaining({ name: 'InputError', code: 'since-unreadable' }) as Error);
  });
});

describe('the minutes to collect', () => {
  it('ends with the last candle that has closed', () => {
    const { from, to } = collectRange('1h', 'now', NOW);
    expect(from).toBe(Date.UTC(2024, 5, 1, 11, 1));
    expect(to).toBe(Date.UTC(2024, 5, 1, 12, 0));
  });

  it('never reaches past the clock', () => {
    expect(collectRange('2024-05-01', '2025-01-01', NOW).to).toBe(Date.UTC(2024, 5, 1, 12, 0));
  });

  it('may be empty at this very minute', () => {
    const { from, to } = collectRange('now', 'now', Date.UTC(2024, 5, 1, 12, 0));
    expect(to).toBe(from);
  });
});
