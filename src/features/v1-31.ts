import type { Candles } from '../candles/candles.js';
import { averageTrueRange } from './indicators/average-true-range.js';
import { bollinger } from './indicators/bollinger.js';
import { macd } from './indicators/macd.js';
import { movingAverages } from './indicators/moving-averages.js';
import { rsi } from './indicators/rsi.js';
import { sessions } from './indicators/sessions.js';
import { spread } from './indicators/spread.js';
import { regimeByQuantile } from './indicators/volatility-regime.js';
import { volume } from './indicators/volume.js';
import type { NamedColumn } from './named-columns.js';

/** The 28 columns that V1 and V2 share, from one timeframe's candles and their average true range. */
export function* candleColumns(candles: Candles, atr: Float64Array): Generator<NamedColumn> {
  yield* Object.entries(sessions(candles.time));
  yield* Object.entries(spread(candles, atr));
  yield* Object.entries(volume(candles.volume));
  yield* Object.entries(movingAverages(candles.close));
  yield* Object.entries(rsi(candles.close));
  yield* Object.entries(macd(candles.close));
  yield* Object.entries(bollinger(candles.close));
}

/** `v1-31`, causal: one column after the other in model input order; NaN at the head stays. */
export function* v1Columns(candles: Candles): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  yield* candleColumns(candles, atr);
  yield* Object.entries(regimeByQuantile(atr));
}
