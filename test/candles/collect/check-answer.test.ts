import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswer } from '../../../src/candles/collect/check-answer.js';
import type { CandleRow, Question } from '../../../src/candles/collect/check-answer.js';

const MINUTE = 60_000;
const FROM = Date.UTC(2024, 0, 1);
const question: Question = { exchange: 'coinbase', symbol: 'BTC-USD', page: { from: FROM, to: FROM + 300 * MINUTE }, answers: 'window', now: FROM + 900 * MINUTE };
const candle = (minute: number): CandleRow => [FROM + minute * MINUTE, 10, 12, 9, 11, 1.5];

describe('an answer for candles', () => {
  it('is taken oldest first, whichever way it came', () => {
    const rows = [0, 1, 2].map(candle);
    expect(checkAnswer(rows, question)).toEqual(rows);
    expect(checkAnswer([...rows].reverse(), question)).toEqual(rows);
    expect(checkAnswer([], question)).toEqual([]);
  });

  it('may leave out any minutes: most symbols do not trade in each', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 300 })), (minutes) => {
      const rows = [...minutes].sort((a, b) => a - b).map(candle);
      // Minutes on one grid of 3 or more are what another timeframe looks like; twenty draws never are by chance.
      fc.pre(rows.length < 5 || rows.length > 20);
      expect(checkAnswer(rows, question)).toEqual(rows);
    }));
  });

  it.each([5, 15, 30, 60])('of %i minutes is seen for what it is', (timeframe) => {
    const rows = Array.from({ length: Math.floor(300 / timeframe) + 1 }, (_, index) => candle(index * timeframe));
    expect(() => checkAnswer(rows, question)).toThrow(expect.objectContaining({ code: 'exchange-answer-invalid', message: expect.stringContaining(`${timeframe} minutes instead of one`) as string }) as Error);
  });

  it.each<[string, CandleRow]>([
    ['is not above zero', [FROM, 0, 1, 0, 1, 1]],
    ['open 13 or close 11 is outside', [FROM, 13, 12, 9, 11, 1]],
    ['volume -1', [FROM, 10, 12, 9, 11, -1]],
    ['high 9 is below low 12', [FROM, 10, 9, 12, 11, 1]],
    ['not six finite numbers', [FROM, 10, 12, 9, 11]],
    ['not six finite numbers', [FROM, 10, 12, 9, Infinity, 1]],
    ['not on the minute', [FROM + 1, 10, 12, 9, 11, 1]],
    ['not asked for', candle(-1)],
    ['not asked for', candle(301)],
    ['a candle of the future', candle(903)],
  ])('refused: %s', (problem, row) => {
    expect(() => checkAnswer([row], question)).toThrow(problem);
  });

  it('of an exchange that counts candles may reach further, but not only be of before', () => {
    const counting = { ...question, answers: 'count' } as const;
    expect(checkAnswer([candle(299), candle(800)], counting)).toHaveLength(2);
    expect(() => checkAnswer([candle(-2), candle(-1)], counting)).toThrow('only candles before');
  });
});
