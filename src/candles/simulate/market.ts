/** What a simulated symbol looks like, apart from its signal. */
export interface Market {
  /** Quote currency. */
  readonly startPrice: number;
  /** Digits after the point: the price grid. */
  readonly priceDecimals: number;
  /** Volatility of daily log returns. */
  readonly dailyVolatility: number;
  /** Base currency a minute, about. */
  readonly minuteVolume: number;
}

const known: Readonly<Record<string, Market>> = {
  BTC: { startPrice: 95_000, priceDecimals: 2, dailyVolatility: 0.028, minuteVolume: 12 },
  ETH: { startPrice: 3_300, priceDecimals: 2, dailyVolatility: 0.036, minuteVolume: 150 },
  SOL: { startPrice: 190, priceDecimals: 3, dailyVolatility: 0.045, minuteVolume: 2_500 },
};

const other: Market = { startPrice: 100, priceDecimals: 3, dailyVolatility: 0.04, minuteVolume: 1_000 };

/** The market of a symbol, by its base currency: prices and volumes near those of 2025, fine grids, so that ties are rare. */
export function marketOf(symbol: string): Market {
  return known[symbol.split('-')[0]] ?? other;
}
