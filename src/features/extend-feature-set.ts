import { InputError } from '../errors.js';
import type { FeatureRecipe, FeatureStream, RecursiveState } from './feature-recipe.js';
import type { FeatureSet } from './feature-set.js';
import { isSetName } from './own-feature-set.js';
import { streamOf } from './streaming/open-feature-stream.js';
import { listOf, openState, sealState } from './streaming/stream-state.js';

const FORM = 'extended-1';

/**
 * A feature set with the columns of another behind its own: what a model sees already, and what it might see in
 * addition. Batch and streaming are those of the two.
 * @throws InputError `feature-set-invalid` for a name that is none, a column that both have, or two alignments
 */
export function extendFeatureSet(name: string, base: FeatureRecipe, added: FeatureRecipe): FeatureRecipe {
  const set = extendedSet(name, base.set, added.set);
  const { advance: baseAdvance } = base;
  const { advance: addedAdvance } = added;
  return {
    set,
    version: `${base.version ?? '1'}+${added.version ?? '1'}`,
    *compute(candles, continuation, onState) {
      let state: RecursiveState = {};
      const keep = (known: RecursiveState): void => void (state = { ...state, ...known });
      yield* base.compute(candles, continuation, keep);
      yield* added.compute(candles, continuation, keep);
      onState?.(state);
    },
    contextRows: base.contextRows === undefined || added.contextRows === undefined ? undefined : Math.max(base.contextRows, added.contextRows),
    ...(baseAdvance === undefined && addedAdvance === undefined ? {} : { advance: (close, continuation) => ({ ...baseAdvance?.(close, continuation), ...addedAdvance?.(close, continuation) }) }),
    stream: () => bothStreams(set, streamOf(base), streamOf(added)),
  };
}

function extendedSet(name: string, base: FeatureSet, added: FeatureSet): FeatureSet {
  const refuse = (message: string, hint: string): InputError => new InputError(message, { code: 'feature-set-invalid', hint });
  if (!isSetName(name)) throw refuse(`"${String(name)}" is no name for a feature set`, 'name it with letters, digits, ".", "_" and "-", a letter first: v2-50-mine');
  const twice = added.columns.find((column) => base.columns.some((other) => other.toLowerCase() === column.toLowerCase()));
  if (twice !== undefined) throw refuse(`${base.name} has ${twice} already`, `give the column of ${added.name} another name`);
  if (base.alignment !== added.alignment) throw refuse(`${base.name} is ${base.alignment}, ${added.name} is ${added.alignment}`, 'extend a set of the same alignment');
  return { name, alignment: base.alignment, columns: [...base.columns, ...added.columns], warmupRows: Math.max(base.warmupRows, added.warmupRows), leaky: base.leaky || added.leaky };
}

function bothStreams(set: FeatureSet, first: FeatureStream, second: FeatureStream): FeatureStream {
  const row = new Float64Array(set.columns.length);
  return {
    push(time, open, high, low, close, volume) {
      const values = first.push(time, open, high, low, close, volume);
      row.set(values);
      row.set(second.push(time, open, high, low, close, volume), values.length);
      return row;
    },
    save() {
      const states = [first.save(), second.save()];
      const inner = new Uint8Array(states[0].length + states[1].length);
      inner.set(states[0]);
      inner.set(states[1], states[0].length);
      return sealState(set, FORM, { first: [states[0].length] }, inner);
    },
    restore(bytes) {
      const state = openState(set, FORM, bytes);
      const [length] = listOf(state, 'first', 1);
      first.restore(state.inner.subarray(0, length));
      second.restore(state.inner.subarray(length));
    },
  };
}
