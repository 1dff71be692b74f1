import { InputError } from '../errors.js';
import type { Alignment, FeatureSet } from './feature-set.js';
import { V3 } from './v3/v3.js';

const SESSIONS = ['session_tokyo', 'session_london', 'session_new_york', 'day_of_week', 'is_weekend'];
const SPREAD = ['spread', 'spread_pct', 'atr', 'spread_atr_ratio'];
const VOLUME = ['volume_ma', 'volume_ratio', 'volume_trend'];
const MOVING_AVERAGES = [7, 14, 21, 50].flatMap((rows) => [`sma_${rows}`, `price_sma_${rows}_ratio`]);
const OSCILLATORS = ['rsi', 'macd', 'macd_signal', 'macd_diff'];
const BOLLINGER = ['bb_high', 'bb_low', 'bb_width', 'bb_position'];
const VOLATILITY = ['volatility_low', 'volatility_medium', 'volatility_high'];
const TIMEFRAME_BARS = ['5m', '15m', '1h'].flatMap((label) => ['open', 'high', 'low', 'close', 'volume'].map((field) => `${label}_${field}`));
const TIMEFRAME_AGREEMENT = ['tf_alignment_score', 'tf_alignment_direction', 'tf_alignment_strength'];

/** The 31 columns of V1, in model input order. */
export const V1_COLUMNS: readonly string[] = [
  ...SESSIONS, ...SPREAD, ...VOLUME, ...MOVING_AVERAGES, ...OSCILLATORS, ...BOLLINGER, ...VOLATILITY,
];

/** The 50 columns of V2, in model input order: V1's, then what the longer timeframes add. */
export const V2_COLUMNS: readonly string[] = [...V1_COLUMNS, ...TIMEFRAME_BARS, ...TIMEFRAME_AGREEMENT, 'atr_percentile'];

/** The same 50 names in the order of the original's first script. */
export const LEGACY_A_COLUMNS: readonly string[] = [
  ...TIMEFRAME_BARS, ...TIMEFRAME_AGREEMENT, 'atr', 'atr_percentile', ...VOLATILITY, ...SESSIONS,
  'spread', 'spread_pct', 'spread_atr_ratio', ...VOLUME, ...MOVING_AVERAGES, ...OSCILLATORS, ...BOLLINGER,
];

/** Our own feature sets: causal first, then the original's, which see the future. */
export const FEATURE_SETS: readonly FeatureSet[] = [
  { name: 'v1-31', alignment: 'causal', columns: V1_COLUMNS, warmupRows: 33, leaky: false },
  { name: 'v1-31', alignment: 'legacy', columns: V1_COLUMNS, warmupRows: 0, leaky: true },
  { name: 'v2-50', alignment: 'causal', columns: V2_COLUMNS, warmupRows: 99, leaky: false },
  { name: 'v2-50', alignment: 'legacy', columns: V2_COLUMNS, warmupRows: 99, leaky: true },
  { name: 'v2-50', alignment: 'legacy-a', columns: LEGACY_A_COLUMNS, warmupRows: 0, leaky: true },
  V3.set,
];

/** `v1-31`, `v2-50`, `v3-52`. */
export const FEATURE_SET_NAMES: readonly string[] = [...new Set(FEATURE_SETS.map((set) => set.name))];

/** Sets that were added to ours, in order: a researcher's own. */
const added: FeatureSet[] = [];

/**
 * Makes a set known by name and alignment; one that was added under both is replaced. `addFeatureRecipe` calls this.
 * @throws InputError `feature-set-taken` for one of ours.
 */
export function addFeatureSet(set: FeatureSet): void {
  const same = (other: FeatureSet): boolean => other.name === set.name && other.alignment === set.alignment;
  if (FEATURE_SETS.some(same)) {
    throw new InputError(`${set.name} ${set.alignment} is a feature set of crpbot`, { code: 'feature-set-taken', hint: 'choose another name' });
  }
  const before = added.findIndex(same);
  if (before < 0) added.push(set);
  else added[before] = set;
}

/** Every feature set there is: ours, then those that were added. */
export function allFeatureSets(): readonly FeatureSet[] {
  return [...FEATURE_SETS, ...added];
}

/** The names of all of them: `v1-31`, `v2-50`, and whatever was added. */
export function featureSetNames(): readonly string[] {
  return [...new Set(allFeatureSets().map((set) => set.name))];
}

/**
 * The feature set of that name and alignment.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`: the message lists what there is.
 */
export function featureSet(name: string, alignment: Alignment = 'causal'): FeatureSet {
  const sameName = allFeatureSets().filter((set) => set.name === name);
  if (sameName.length === 0) {
    throw new InputError(`unknown feature set: ${name}`, { code: 'unknown-feature-set', hint: `choose one of ${featureSetNames().join(', ')}` });
  }
  const found = sameName.find((set) => set.alignment === alignment);
  if (found === undefined) {
    throw new InputError(`${name} has no alignment ${String(alignment)}`, {
      code: 'unknown-alignment',
      hint: `choose one of ${sameName.map((set) => set.alignment).join(', ')}`,
    });
  }
  return found;
}
