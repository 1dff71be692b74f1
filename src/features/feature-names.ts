import { InputError } from '../errors.js';
import { featureSet, featureSetNames } from './feature-sets.js';

/** What the original's feature files hold beside candles and features: texts, and pandas' row numbers. No model input. */
const NOT_FEATURES: ReadonlySet<string> = new Set(['session', 'volatility_regime', '__index_level_0__']);

/** The 11 names of the original's notebooks (lists of 47) that no feature file has. */
const NOTEBOOK_NAMES: readonly string[] = [
  'session_ny', 'price_to_sma_7', 'price_to_sma_14', 'price_to_sma_21', 'price_to_sma_50', 'bb_upper', 'bb_middle', 'bb_lower',
  'cross_tf_alignment_score', 'cross_tf_alignment_direction', 'cross_tf_alignment_strength',
];

/** The 14 columns of a feature file that those lists do not have; without them 36 are left. */
const NEVER_IN_NOTEBOOKS: readonly string[] = [
  'session_new_york', 'price_sma_7_ratio', 'price_sma_14_ratio', 'price_sma_21_ratio', 'price_sma_50_ratio', 'bb_high', 'bb_low', 'bb_position',
  'volatility_low', 'volatility_medium', 'volatility_high', 'tf_alignment_score', 'tf_alignment_direction', 'tf_alignment_strength',
];

/** The feature set whose names these are (candle columns left out), or the one nearest to them. */
export function nearestFeatureSet(names: readonly string[]): string {
  const distance = (set: string): number => {
    const { missing, unexpected } = compareNames(names, set);
    return missing.length + unexpected.length;
  };
  return featureSetNames().reduce((nearest, set) => (distance(set) < distance(nearest) ? set : nearest));
}

/**
 * Checks that a file, or whatever `what` names, has exactly the columns of a feature set, in any order; its candle
 * columns are left out of `names`.
 * @throws InputError `feature-columns`: the message lists what is missing and what is unexpected.
 */
export function checkFeatureNames(names: readonly string[], set: string, what: string): void {
  const { missing, unexpected } = compareNames(names, set);
  if (missing.length === 0 && unexpected.length === 0) return;
  const parts = [
    missing.length === 0 ? '' : `missing ${missing.join(', ')}`,
    unexpected.length === 0 ? '' : `unexpected ${unexpected.join(', ')}`,
  ].filter((part) => part !== '');
  throw new InputError(`${what} does not have the columns of ${set}: ${parts.join('; ')}`, {
    code: 'feature-columns',
    place: { file: what },
    hint: hintFor(names, set, missing, unexpected),
  });
}

function compareNames(names: readonly string[], set: string): { missing: readonly string[]; unexpected: readonly string[] } {
  const { columns } = featureSet(set);
  const given = new Set(names);
  const expected = new Set(columns);
  return {
    missing: columns.filter((name) => !given.has(name)),
    unexpected: names.filter((name) => !expected.has(name) && !NOT_FEATURES.has(name)),
  };
}

function hintFor(names: readonly string[], set: string, missing: readonly string[], unexpected: readonly string[]): string {
  const notebook = unexpected.filter((name) => NOTEBOOK_NAMES.includes(name));
  const left = unexpected.length === 0 && missing.length === NEVER_IN_NOTEBOOKS.length && missing.every((name) => NEVER_IN_NOTEBOOKS.includes(name));
  if (notebook.length > 0 || left) {
    const these = left
      ? `these 36 names are what is left of the lists in the original's notebooks, which have 47 names`
      : `${notebook.join(', ')} ${notebook.length === 1 ? 'is a name' : 'are names'} of the original's notebooks, whose lists have 47 names`;
    return (
      `${these}; only 36 of them exist in a feature file, so a model of 50 inputs cannot have been trained on them: ` +
      'compute the features from the candles (npx crpbot features)'
    );
  }
  const other = featureSetNames().find((name) => name !== set && compareNames(names, name).missing.length + compareNames(names, name).unexpected.length === 0);
  return other === undefined ? 'compute the features again from the candles (npx crpbot features)' : `it has the columns of ${other}: a model for one never meets the other`;
}
