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
import type { Continuation, RecursiveState } from './feature-recipe.js';
import type { NamedColumn } from './named-columns.js';

/** The longest window of a 1-minute column that is no rank is of 50 rows (`sma_50`), and sums are taken afresh in each. */
export const V1_CONTEXT_ROWS = 49;

/** The 28 columns that V1 and V2 share, from one timeframe's candles and their average true range. */
export function* candleColumns(candles: Candles, atr: Float64Array, continuation?: Continuation, onState?: (state: RecursiveState) => void): Generator<NamedColumn> {
  const state: Record<string, readonly number[]> = {};
  yield* Object.entries(sessions(candles.time));
  yield* Object.entries(spread(candles, atr));
  yield* Object.entries(volume(candles.volume));
  yield* Object.entries(movingAverages(candles.close));
  yield* Object.entries(rsi(candles.close, continuation, (rsi) => (state.rsi = rsi)));
  yield* Object.entries(macd(candles.close, continuation, (macd) => (state.macd = macd)));
  yield* Object.entries(bollinger(candles.close));
  onState?.(state);
}

/** What RSI and MACD know after the last close: `FeatureRecipe.advance` of V1 and V2. */
export function advanceCloses(close: Float64Array, continuation?: Continuation): RecursiveState {
  const state: Record<string, readonly number[]> = {};
  rsi(close, continuation, (rsi) => (state.rsi = rsi));
  macd(close, continuation, (macd) => (state.macd = macd));
  return state;
}

/** `v1-31`, causal: one column after the other in model input order; NaN at the head stays. */
export function* v1Columns(candles: Candles, continuation?: Continuation, onState?: (state: RecursiveState) => void): Generator<NamedColumn> {
  const atr = averageTrueRange(candles);
  yield* candleColumns(candles, atr, continuation, onState);
  yield* Object.entries(regimeByQuantile(atr));
}
