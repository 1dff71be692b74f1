import { MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';
import { AnswerFailure } from './answer-failure.js';
import type { ExchangeHabits } from './exchange-habits.js';

/** One candle as ccxt gives it: open time in ms, open, high, low, close, volume. */
export type CandleRow = readonly number[];

export interface Question {
  readonly exchange: string;
  readonly symbol: string;
  /** The minutes asked for. */
  readonly page: TimeRange;
  readonly answers: ExchangeHabits['answers'];
  /** The exchange's clock when it answered, ms. */
  readonly now: number;
}

/** Candles of another timeframe are taken for such when as many minutes would meet its grid by chance in one of 10^9 answers. */
const CHANCE = 1e-9;

/**
 * Checks one answer before anything of it is kept, as it came: 1-minute candles of what was asked, in one order, each
 * minute once, numbers that can be prices. @returns the rows oldest first
 * @throws AnswerFailure `exchange-answer-invalid` naming exchange, symbol and minute; asked for twice more
 */
export function checkAnswer(rows: readonly CandleRow[], question: Question): readonly CandleRow[] {
  const { exchange, symbol, page, answers, now } = question;
  const refuse = (row: CandleRow, problem: string): AnswerFailure =>
    new AnswerFailure(`${exchange} answered for ${symbol}, asked for ${minute(page.from)} to ${minute(page.to)}, at ${minute(row[0])}: ${problem}`, { mostTries: 3, code: 'exchange-answer-invalid' });

  for (const row of rows) {
    const [time, open, high, low, close, volume] = row;
    if (row.length < 6 || !row.slice(0, 6).every(Number.isFinite)) throw refuse(row, `not six finite numbers (${row.map(String).join(', ')})`);
    if (time % MINUTE_MS !== 0) throw refuse(row, 'an open time that is not on the minute');
    if (high < low) throw refuse(row, `high ${high} is below low ${low}`);
    if (!(low > 0)) throw refuse(row, `low ${low} is not above zero`);
    if (open > high || open < low || close > high || close < low) throw refuse(row, `open ${open} or close ${close} is outside low ${low} to high ${high}`);
    if (volume < 0) throw refuse(row, `volume ${volume} is below zero`);
    if (time > now + 2 * MINUTE_MS) throw refuse(row, `a candle of the future (the exchange's clock says ${minute(now)})`);
    // A window's end is inclusive: one candle more than was asked for.
    if (answers === 'window' && (time < page.from || time > page.to)) throw refuse(row, 'a candle that was not asked for');
  }
  const direction = rows.length > 1 && rows[1][0] < rows[0][0] ? -1 : 1;
  for (let row = 1; row < rows.length; row++) {
    const step = rows[row][0] - rows[row - 1][0];
    if (step === 0) throw refuse(rows[row], 'this minute twice');
    if (step * direction < 0) throw refuse(rows[row], 'candles out of order');
  }
  if (rows.length > 0 && rows.every(([time]) => time < page.from)) throw refuse(rows[0], 'only candles before what was asked for');
  const grid = rows.reduce((divisor, [time]) => greatestCommonDivisor(time / MINUTE_MS, divisor), 0);
  if (rows.length > 1 && grid > 2 && grid ** -rows.length < CHANCE) throw refuse(rows[0], `candles of ${grid} minutes instead of one`);
  return direction === 1 ? rows : [...rows].reverse();
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function minute(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, 16) + 'Z' : String(ms);
}
