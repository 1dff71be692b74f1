import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../errors.js';
import type { Alignment } from '../features/feature-set.js';
import { guardedRecipe, problemOfRecipe } from '../features/check-recipe.js';
import type { FeatureRecipe } from '../features/feature-recipe.js';
import { addFeatureRecipe, featureRecipe } from '../features/feature-recipes.js';

const MODULE_ENDINGS: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * A feature set by its name (`v2-50`), or from a file of one's own (`./my-features.ts`) whose default export is what
 * `defineFeatureSet` gave; such a set is known by its name in this process from then on. The file is run as a module:
 * it can do whatever a program can.
 * @throws InputError `unknown-feature-set`, `feature-file-missing`, `feature-file-unreadable` when the file does not load,
 *   `feature-file-invalid` when it exports something else; what `defineFeatureSet` and `addFeatureRecipe` throw.
 */
export async function loadFeatureSet(nameOrFile: string, alignment: Alignment = 'causal'): Promise<FeatureRecipe> {
  if (!isFile(nameOrFile)) return featureRecipe(nameOrFile, alignment);
  const file = resolve(nameOrFile);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new InputError(`there is no file ${nameOrFile}`, {
      code: 'feature-file-missing',
      place: { file: nameOrFile },
      hint: 'give the path of a file that exports a feature set, or the name of one of ours',
    });
  }
  const recipe = exportedRecipe(await load(file, nameOrFile), nameOrFile);
  addFeatureRecipe(recipe);
  return featureRecipe(recipe.set.name, alignment);
}

/** A path has a slash or a module's ending; `v2-50` and `my.set` have neither. */
function isFile(nameOrFile: string): boolean {
  return /[/\\]/.test(nameOrFile) || MODULE_ENDINGS.includes(extname(nameOrFile));
}

async function load(file: string, given: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${given} does not load: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'feature-file-unreadable',
      place: { file: given },
      hint: 'mend the file; `node bin/tsx.js FILE` shows where it fails',
      cause,
    });
  }
}

function exportedRecipe(exported: unknown, given: string): FeatureRecipe {
  // A CommonJS file's exports stand one `default` deeper.
  const inner = (exported as { default?: unknown } | undefined)?.default;
  const candidate = (inner ?? exported) as Partial<FeatureRecipe> | null | undefined;
  const problem = typeof candidate !== 'object' || candidate === null ? 'its default export is none' : problemOfRecipe(candidate);
  if (problem === undefined) return guardedRecipe(candidate as FeatureRecipe, given);
  throw new InputError(`${given} does not export a feature set: ${problem}`, {
    code: 'feature-file-invalid',
    place: { file: given },
    hint: 'end it with `export default defineFeatureSet({ name, features })`',
  });
}
