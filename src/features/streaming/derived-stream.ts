import { InputError } from '../../errors.js';
import type { FeatureRecipe, FeatureStream, RecursiveState } from '../feature-recipe.js';
import { RecentCandles } from './recent-values.js';
import { openState, rowsOf, sealState } from './stream-state.js';

const CARRIED = 'carried.';

/**
 * The streaming form of any recipe that names its `contextRows`: the batch kernel over the last `contextRows + 1`
 * candles, whose newest row is kept; what recursive kernels carry goes on from row to row. Costs what the batch costs
 * over so many rows.
 * @throws InputError `stream-needs-history` for a recipe without `contextRows`; `push` throws `feature-columns` when the
 * recipe does not give the columns of its set.
 */
export function derivedStream(recipe: FeatureRecipe): FeatureStream {
  const { set, contextRows } = recipe;
  if (contextRows === undefined) {
    throw new InputError(`${set.name} ${set.alignment} cannot be streamed: a row depends on the whole history`, {
      code: 'stream-needs-history',
      hint: 'choose the causal alignment, or give the recipe its contextRows',
    });
  }
  const form = `derived-1/${contextRows}`;
  const row = new Float64Array(set.columns.length);
  let rows = 0;
  let recent = new RecentCandles(contextRows + 1);
  let carried: RecursiveState = {};

  return {
    push(time, open, high, low, close, volume) {
      recent.push(time, open, high, low, close, volume);
      const candles = recent.last(contextRows + 1);
      const firstRow = candles.time.length - 1;
      const keep = (state: RecursiveState): void => void (carried = state);
      const columns = recipe.compute(candles, rows === 0 ? undefined : { firstRow, state: carried }, keep);
      let at = 0;
      for (const [name, values] of columns) {
        if (name !== set.columns[at]) throw otherColumns(recipe, name, at);
        row[at++] = values[firstRow];
      }
      if (at < row.length) throw otherColumns(recipe, 'nothing', at);
      rows++;
      return row;
    },
    save() {
      const lists = Object.entries(carried).map(([name, values]) => [CARRIED + name, values] as const);
      return sealState(set, form, { rows: [rows], ...recent.save(), ...Object.fromEntries(lists) });
    },
    restore(bytes) {
      const state = openState(set, form, bytes);
      const rowsBefore = rowsOf(state);
      recent = RecentCandles.from(state, contextRows + 1, rowsBefore);
      rows = rowsBefore;
      const lists = Object.entries(state.lists).filter(([name]) => name.startsWith(CARRIED));
      carried = Object.fromEntries(lists.map(([name, values]) => [name.slice(CARRIED.length), [...values]]));
    },
  };
}

function otherColumns({ set }: FeatureRecipe, name: string, at: number): InputError {
  return new InputError(`the recipe of ${set.name} gives ${name} where its set has ${set.columns[at] ?? 'no more columns'}`, {
    code: 'feature-columns',
    hint: "give the columns in the set's order",
  });
}
