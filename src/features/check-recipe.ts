import { InputError, isExpectedError } from '../errors.js';
import type { FeatureRecipe } from './feature-recipe.js';
import { ALIGNMENTS } from './feature-set.js';
import type { NamedColumn } from './named-columns.js';
import { isColumnName, isSetName } from './own-feature-set.js';

/** What is wrong with a recipe that somebody wrote by hand; undefined for a good one. Names become folders and columns. */
export function problemOfRecipe(recipe: Partial<FeatureRecipe>): string | undefined {
  const { name, alignment, columns, warmupRows, leaky } = recipe.set ?? {};
  if (typeof recipe.compute !== 'function') return 'it has no compute function';
  if (!isSetName(name)) return `its set's name is ${JSON.stringify(name)}: letters, digits, ".", "_" and "-", a letter first`;
  if (alignment === undefined || !ALIGNMENTS.includes(alignment)) return `the alignment of ${name} is ${JSON.stringify(alignment)}, not one of ${ALIGNMENTS.join(', ')}`;
  if (!Array.isArray(columns) || columns.length === 0) return `${name} has no columns`;
  const bad = (columns as unknown[]).find((column, index) => !isColumnName(column) || (columns as unknown[]).indexOf(column) !== index);
  if (bad !== undefined) return `${JSON.stringify(bad)} of ${name} is no name for a column, or stands there twice`;
  for (const [of, rows] of Object.entries({ warmupRows, contextRows: recipe.contextRows ?? 0 })) {
    if (!Number.isSafeInteger(rows) || (rows as number) < 0) return `${of} of ${name} is ${JSON.stringify(rows)}, not a whole number of rows`;
  }
  return typeof leaky === 'boolean' ? undefined : `${name} does not say whether it is leaky: true or false`;
}

/**
 * The recipe, with what its `compute` does watched: it must give the set's columns in their order, a value a candle.
 * @throws InputError from `compute`: `feature-columns`, `feature-length`, `feature-failed` for whatever the kernel throws.
 */
export function guardedRecipe(recipe: FeatureRecipe, file: string): FeatureRecipe {
  return { ...recipe, compute: (...given) => guardedColumns(recipe, file, given) };
}

type Given = Parameters<FeatureRecipe['compute']>;

function* guardedColumns(recipe: FeatureRecipe, file: string, given: Given): Generator<NamedColumn> {
  const { name: set, columns } = recipe.set;
  let at = 0;
  try {
    for (const [name, values] of recipe.compute(...given)) {
      if (name !== columns[at]) throw wrong(file, set, `gives ${String(name)} where its set has ${columns[at] ?? 'no more columns'}`, 'feature-columns', "give the columns in the set's order");
      if (!(values instanceof Float64Array) || values.length !== given[0].time.length) {
        throw wrong(file, set, `gives no Float64Array of ${given[0].time.length} values for ${name}`, 'feature-length', 'compute one value for each candle, NaN where there is none');
      }
      at++;
      yield [name, values];
    }
  } catch (cause) {
    if (isExpectedError(cause) || !(cause instanceof Error) || cause.name === 'AbortError') throw cause;
    throw wrong(file, set, `failed at ${columns[at] ?? 'its end'}: ${cause.message}`, 'feature-failed', 'mend its compute; --debug shows where it failed', cause);
  }
  if (at < columns.length) throw wrong(file, set, `ends before ${columns[at]}`, 'feature-columns', "give every column of the set");
}

function wrong(file: string, set: string, problem: string, code: 'feature-columns' | 'feature-length' | 'feature-failed', hint: string, cause?: unknown): InputError {
  return new InputError(`${set} of ${file} ${problem}`, { code, place: { file }, hint, cause });
}
