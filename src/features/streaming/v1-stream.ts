import type { FeatureStream } from '../feature-recipe.js';
import { featureSet } from '../feature-sets.js';
import { regimeByQuantile } from '../indicators/volatility-regime.js';
import { CandleColumns, putNewest } from './candle-columns.js';
import { openState, rowsOf, sealState } from './stream-state.js';

const FORM = 'own-1';
/** Rows of average true range that the regime's quantiles are of. */
const REGIME_WINDOW = 20;

/** The streaming form of `v1-31`, causal: equal to the batch to the bit. */
export function v1Stream(): FeatureStream {
  const set = featureSet('v1-31');
  const columns = new CandleColumns(REGIME_WINDOW);
  const row = new Float64Array(set.columns.length);
  return {
    push(time, _open, high, low, close, volume) {
      const at = columns.push(row, time, high, low, close, volume);
      putNewest(regimeByQuantile(columns.atr.last(REGIME_WINDOW)), row, at);
      return row;
    },
    save: () => sealState(set, FORM, columns.save()),
    restore(bytes) {
      const state = openState(set, FORM, bytes);
      columns.restore(state, rowsOf(state));
    },
  };
}
