import type { Candles } from '../candles/candles.js';
import { CANDLE_COLUMNS } from '../candles/candles.js';
import { InputError } from '../errors.js';
import type { Continuation, FeatureRecipe, FeatureStream } from './feature-recipe.js';
import type { NamedColumn } from './named-columns.js';

/** One column: a name and a pure function. `Inputs` are the candles, or what the set made of them. */
export interface FeatureDefinition<Inputs = Candles> {
  /** Letters, digits and underscores, a letter first: it becomes a Parquet column. */
  readonly name: string;
  /** Rows at the head without a value (NaN): a return over 5 rows has 5. */
  readonly warmupRows: number;
  /**
   * How many rows before its own a value is computed from. Default `warmupRows`; give it where a column has values
   * before its window is full.
   */
  readonly memoryRows?: number;
  /** The column, `[rows]`: a value a candle, from that candle and earlier ones alone. */
  readonly compute: (inputs: Inputs) => Float64Array;
}

/** A feature set as data and pure functions. */
export interface FeatureSetDefinition<Inputs = Candles> {
  /** Plain, and not one of ours: `my-12`. */
  readonly name: string;
  /** In the model's input order. */
  readonly features: readonly FeatureDefinition<Inputs>[];
  /** Where the streaming form is not to be derived. */
  readonly stream?: () => FeatureStream;
}

/**
 * A definition whose columns share work: `inputs` is called once a table. Rows before `firstRow` are context whose values
 * nobody reads: columns may leave them NaN, which makes the derived streaming form fast.
 */
export interface SharedFeatureSetDefinition<Inputs> extends FeatureSetDefinition<Inputs> {
  readonly inputs: (candles: Candles, firstRow: number) => Inputs;
}

/**
 * Makes a recipe of a feature set of one's own: causal, computed one column at a time, with `contextRows` the longest
 * memory and `warmupRows` the longest warm-up stated. Whether the functions keep to it, `testFeatureSet` says.
 *
 * ```ts
 * export default defineFeatureSet({
 *   name: 'my-1',
 *   features: [{ name: 'return_5', warmupRows: 5, compute: ({ close }) => close.map((price, t) => price / close[t - 5] - 1) }],
 * });
 * ```
 * @throws InputError `feature-set-invalid`; its `compute` throws `feature-length`, `feature-invalid`.
 */
export function defineFeatureSet(definition: FeatureSetDefinition): FeatureRecipe;
export function defineFeatureSet<Inputs>(definition: SharedFeatureSetDefinition<Inputs>): FeatureRecipe;
export function defineFeatureSet<Inputs>(definition: FeatureSetDefinition<Inputs> & { readonly inputs?: (candles: Candles, firstRow: number) => Inputs }): FeatureRecipe {
  checkDefinition(definition);
  const { name, features, inputs, stream } = definition;
  return {
    set: {
      name,
      alignment: 'causal',
      columns: features.map((feature) => feature.name),
      warmupRows: Math.max(...features.map(({ warmupRows }) => warmupRows)),
      leaky: false,
    },
    contextRows: Math.max(...features.map(({ warmupRows, memoryRows }) => memoryRows ?? warmupRows)),
    *compute(candles: Candles, continuation?: Continuation): Generator<NamedColumn> {
      // Without `inputs` the overloads leave `Inputs` no choice but candles.
      const given = inputs === undefined ? (candles as Inputs) : inputs(candles, continuation?.firstRow ?? 0);
      for (const feature of features) yield [feature.name, checkedColumn(feature.compute(given), feature.name, name, candles.time.length)];
    },
    ...(stream === undefined ? {} : { stream }),
  };
}

/** @throws InputError `feature-invalid` for what is no column of numbers, `feature-length` for one of another length. */
function checkedColumn(values: unknown, column: string, set: string, rows: number): Float64Array {
  if (!(values instanceof Float64Array)) {
    throw new InputError(`${column} of ${set} is ${describe(values)}, not a Float64Array`, {
      code: 'feature-invalid',
      place: { column },
      hint: 'return a Float64Array with one value for each candle (Float64Array.from makes one of an array)',
    });
  }
  if (values.length !== rows) {
    throw new InputError(`${column} of ${set} has ${values.length} values for ${rows} candles`, {
      code: 'feature-length',
      place: { column },
      hint: 'compute one value for each candle, NaN where there is none',
    });
  }
  return values;
}

const PLAIN_SET_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
const PLAIN_COLUMN_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const CANDLE_NAMES: ReadonlySet<string> = new Set(['timestamp', 'time', ...CANDLE_COLUMNS]);

/** Letters, digits, ".", "_" and "-", a letter first: the name becomes a folder. */
export function isSetName(name: unknown): name is string {
  return typeof name === 'string' && PLAIN_SET_NAME.test(name);
}

/** Letters, digits and "_", a letter first: the name becomes a Parquet column. */
export function isColumnName(name: unknown): name is string {
  return typeof name === 'string' && PLAIN_COLUMN_NAME.test(name);
}

/** What a file or a notebook hands over may be anything, whatever its type says. */
function checkDefinition(definition: unknown): void {
  const { name, features, inputs, stream } = (definition ?? {}) as Record<string, unknown>;
  const refuse = (message: string, hint: string, column?: string): never => {
    throw new InputError(message, { code: 'feature-set-invalid', ...(column === undefined ? {} : { place: { column } }), hint });
  };
  if (!isSetName(name)) {
    return refuse(`${describe(name)} is no name for a feature set`, 'name it with letters, digits, ".", "_" and "-", a letter first: my-12');
  }
  if (!Array.isArray(features) || features.length === 0) return refuse(`${name} has no features`, 'give features: [{ name, warmupRows, compute }, ...]');
  for (const [of, value] of Object.entries({ inputs, stream })) {
    if (value !== undefined && typeof value !== 'function') refuse(`${of} of ${name} is ${describe(value)}, not a function`, `give a function, or leave ${of} out`);
  }
  const seen = new Set<string>();
  for (const [position, feature] of (features as unknown[]).entries()) {
    const { name: column, warmupRows, memoryRows, compute } = (feature ?? {}) as Record<string, unknown>;
    if (!isColumnName(column)) {
      return refuse(`feature ${position + 1} of ${name}: ${describe(column)} is no name for a column`, 'name it with letters, digits and "_", a letter first: return_5');
    }
    if (CANDLE_NAMES.has(column.toLowerCase())) refuse(`${column} of ${name} is a column of the candles`, 'give the feature another name', column);
    // Not every reader of columns tells upper from lower case.
    if (seen.has(column.toLowerCase())) refuse(`${name} has ${column} twice`, 'give each feature a name of its own', column);
    seen.add(column.toLowerCase());
    for (const [of, rows] of Object.entries({ warmupRows, memoryRows: memoryRows ?? warmupRows })) {
      if (!Number.isSafeInteger(rows) || (rows as number) < 0) {
        refuse(`${of} of ${column} is ${describe(rows)}, not a whole number of rows`, `say how many rows at the head have no value: 5 for a return over 5 rows`, column);
      }
    }
    if (typeof compute !== 'function') refuse(`compute of ${column} is ${describe(compute)}, not a function`, 'give compute: (candles) => Float64Array', column);
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value).slice(8, -1);
  return typeof value === 'function' ? 'a function' : String(value);
}
