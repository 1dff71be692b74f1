import type { FeatureRecipe, FeatureStream } from '../feature-recipe.js';
import { featureRecipe } from '../feature-recipes.js';
import type { FeatureSet } from '../feature-set.js';
import { derivedStream } from './derived-stream.js';

/** A new stream of a recipe: its own streaming form, or the one derived from its batch kernel. */
export function streamOf(recipe: FeatureRecipe): FeatureStream {
  return recipe.stream?.() ?? derivedStream(recipe);
}

/**
 * A new stream of a feature set, for one symbol: closed candles in order go in, feature rows come out, equal to what
 * `computeFeatures` gives for the same candles.
 * @throws InputError `unknown-feature-set`, `unknown-alignment`; `stream-needs-history` for the legacy alignments.
 */
export function openFeatureStream(set: FeatureSet): FeatureStream {
  return streamOf(featureRecipe(set.name, set.alignment));
}
