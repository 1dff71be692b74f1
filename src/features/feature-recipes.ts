import type { Candles } from '../candles/candles.js';
import type { FeatureRecipe } from './feature-recipe.js';
import type { Alignment, FeatureSet } from './feature-set.js';
import { addFeatureSet, featureSet } from './feature-sets.js';
import { legacyV1Columns, legacyV2Columns } from './legacy/legacy.js';
import { legacyAColumns } from './legacy/legacy-a.js';
import type { NamedColumn } from './named-columns.js';
import { v1Stream } from './streaming/v1-stream.js';
import { v2Stream } from './streaming/v2-stream.js';
import { V3 } from './v3/v3.js';
import { advanceCloses, V1_CONTEXT_ROWS, v1Columns } from './v1-31.js';
import { V2_CONTEXT_ROWS, v2Columns } from './v2-50.js';

/** The original's sets fill rows from later ones: only the whole history will do. */
function wholeHistory(name: string, alignment: Alignment, columns: (candles: Candles) => Iterable<NamedColumn>): FeatureRecipe {
  return { set: featureSet(name, alignment), compute: (candles) => columns(candles), contextRows: undefined };
}

/** How each of our sets is computed. */
const OURS: readonly FeatureRecipe[] = [
  { set: featureSet('v1-31'), compute: v1Columns, contextRows: V1_CONTEXT_ROWS, advance: advanceCloses, stream: v1Stream },
  wholeHistory('v1-31', 'legacy', legacyV1Columns),
  { set: featureSet('v2-50'), compute: v2Columns, contextRows: V2_CONTEXT_ROWS, advance: advanceCloses, stream: v2Stream },
  wholeHistory('v2-50', 'legacy', legacyV2Columns),
  wholeHistory('v2-50', 'legacy-a', legacyAColumns),
  V3,
];

const keyOf = ({ name, alignment }: FeatureSet): string => `${name} ${alignment}`;
const recipes = new Map(OURS.map((recipe) => [keyOf(recipe.set), recipe]));
const ours = new Set(recipes.keys());

/**
 * How the feature set of that name and alignment is computed.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`.
 */
export function featureRecipe(name: string, alignment: Alignment = 'causal'): FeatureRecipe {
  return recipes.get(keyOf(featureSet(name, alignment)))!;
}

/**
 * Makes a recipe, and its set, known in this process: `featureSet` and everything that computes features finds it.
 * @throws InputError `feature-set-taken` for one of ours.
 */
export function addFeatureRecipe(recipe: FeatureRecipe): void {
  addFeatureSet(recipe.set);
  recipes.set(keyOf(recipe.set), recipe);
}

/** Whether every process of crpbot knows the set; one that was added is known only where it was. */
export function isKnownEverywhere(set: FeatureSet): boolean {
  return ours.has(keyOf(set));
}
