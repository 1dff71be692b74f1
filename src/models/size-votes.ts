import type { Weights } from './checkpoint.js';

/** An axis of a weight that shows a size: `[name, axis, multiple]`, where the axis is `multiple` times the size. */
export type SizeVote = readonly [name: string, axis: number, multiple?: number];

/**
 * The size most weights agree on, so that one weight of a wrong shape is the one reported and not all the others;
 * the first of equals. 0 where no weight shows it.
 */
export function agreedSize(weights: Weights, votes: readonly SizeVote[]): number {
  const counts = new Map<number, number>();
  for (const [name, axis, multiple = 1] of votes) {
    const size = (weights.get(name)?.shape[axis] ?? 0) / multiple;
    if (size >= 1 && Number.isInteger(size)) counts.set(size, (counts.get(size) ?? 0) + 1);
  }
  let best = 0;
  for (const [size, count] of counts) if (count > (counts.get(best) ?? 0)) best = size;
  return best;
}

/** One more than the highest `k` of the names `pattern` matches (its first group), 0 without one. */
export function layerCount(names: Iterable<string>, pattern: RegExp): number {
  let layers = 0;
  for (const name of names) {
    const layer = pattern.exec(name)?.[1];
    if (layer !== undefined) layers = Math.max(layers, Number(layer) + 1);
  }
  return layers;
}
