import type { Candles } from '../../candles/candles.js';
import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

/** The candle's height: in quote currency, in percent of close, and over the average true range (given, passed on). */
export function spread({ high, low, close }: Candles, atr: Float64Array): NamedColumns {
  const rows = close.length;
  const spread = new Float64Array(rows);
  const spread_pct = new Float64Array(rows);
  const spread_atr_ratio = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const height = high[i] - low[i];
    spread[i] = height;
    spread_pct[i] = (height / close[i]) * 100;
    spread_atr_ratio[i] = height / (atr[i] + EPSILON);
  }
  return { spread, spread_pct, atr, spread_atr_ratio };
}
