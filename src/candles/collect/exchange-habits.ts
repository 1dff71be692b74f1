/** What ccxt does not say of how an exchange answers for candles. */
export interface ExchangeHabits {
  /**
   * `window`: answers the candles between a start and an end. `count`: answers so many candles from a start on, however
   * far they reach.
   */
  readonly answers: 'window' | 'count';
  /** It serves only its newest so many minutes, whatever it is asked for. Absent: the whole history. */
  readonly recentMinutes?: number;
}

const habits: Readonly<Record<string, ExchangeHabits>> = {
  // start and end are parameters of its candles request, both inclusive
  coinbase: { answers: 'window' },
  coinbaseadvanced: { answers: 'window' },
  coinbaseexchange: { answers: 'window' },
  // "Note: the last entry ... up to 720 of the most recent entries (older data cannot be retrieved, regardless of the value of since)"
  kraken: { answers: 'count', recentMinutes: 720 },
};

export function habitsOf(exchange: string): ExchangeHabits {
  return habits[exchange] ?? { answers: 'count' };
}
