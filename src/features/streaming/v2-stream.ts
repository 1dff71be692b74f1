import type { FeatureStream } from '../feature-recipe.js';
import { featureSet } from '../feature-sets.js';
import { regimeByPercentile } from '../indicators/volatility-regime.js';
import { PERCENTILE_WINDOW } from '../v2-50.js';
import { CandleColumns, putNewest } from './candle-columns.js';
import { RecentTimeframes } from './recent-bars.js';
import type { RecentValues } from './recent-values.js';
import { listOf, openState, rowsOf, sealState } from './stream-state.js';
import { TimeframeAgreement } from './timeframe-agreement.js';

const FORM = 'own-1';

/** The streaming form of `v2-50`, causal: equal to the batch to the bit. */
export function v2Stream(): FeatureStream {
  const set = featureSet('v2-50');
  const columns = new CandleColumns(PERCENTILE_WINDOW);
  let timeframes = new RecentTimeframes();
  const agreement = new TimeframeAgreement();
  const row = new Float64Array(set.columns.length);
  const percentile = new Float64Array(1);
  return {
    push(time, open, high, low, close, volume) {
      let at = columns.push(row, time, high, low, close, volume);
      percentile[0] = newestPercentile(columns.atr, columns.rows);
      at = putNewest(regimeByPercentile(percentile), row, at);
      timeframes.push(time, open, high, low, close, volume);
      for (const { seen } of timeframes.bars) {
        row.set(seen, at);
        at += seen.length;
      }
      at = agreement.push(close, timeframes.bars, row, at);
      row[at] = percentile[0];
      return row;
    },
    save: () => sealState(set, FORM, { ...columns.save(), timeframes: timeframes.save(), closes: agreement.save() }),
    restore(bytes) {
      const state = openState(set, FORM, bytes);
      const rows = rowsOf(state);
      const bars = listOf(state, 'timeframes', RecentTimeframes.kept);
      const closes = listOf(state, 'closes', agreement.kept(rows));
      columns.restore(state, rows);
      timeframes = RecentTimeframes.from(bars);
      agreement.restore(closes);
    },
  };
}

/** `rankPercentile` of the newest value alone: counted, since the window is short. */
function newestPercentile(values: RecentValues, rows: number): number {
  if (rows < PERCENTILE_WINDOW) return NaN;
  const window = values.last(PERCENTILE_WINDOW);
  const newest = window[PERCENTILE_WINDOW - 1];
  let below = 0;
  let tied = -1;
  for (let i = 0; i < PERCENTILE_WINDOW; i++) {
    if (window[i] < newest) below++;
    else if (window[i] === newest) tied++;
  }
  return (below + (tied + 2) / 2) / PERCENTILE_WINDOW;
}
