import { solvePositiveDefinite } from './solve-positive-definite.js';

/** Nats within which the log loss of the weights found is the least there is. */
const GAP = 1e-9;
const MOST_STEPS = 200;
/** Of the Hessian's trace: members that agree everywhere share their weight. */
const RIDGE = 1e-10;

/**
 * The weights, >= 0 and 1 together, whose weighted mean of the members' P(up) has the least log loss; 0 for a member
 * that the others are better without. The loss is convex: Newton's method over the weights above 0, one member let in
 * at a time, ends where no gradient exceeds 1, which bounds what is left to gain (Karush, Kuhn and Tucker).
 * Fit them on validation windows only.
 * @param probabilities a member each, `[windows]`, without NaN
 */
export function fitMixtureWeights(probabilities: readonly ArrayLike<number>[], label: ArrayLike<number>): Float64Array {
  const size = probabilities.length;
  // What each member gave to what came.
  const given = probabilities.map((p) => Float64Array.from({ length: label.length }, (_, window) => Math.max(1e-12, label[window] === 1 ? p[window] : 1 - p[window])));
  let weights: Float64Array = new Float64Array(size).fill(1 / size);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, hessian } = derivatives(given, weights);
    if (Math.max(...gradient) - 1 <= GAP) break;
    const free = freeMembers(weights, gradient);
    const direction = newtonStep(free, gradient, hessian);
    if (direction === undefined) break;
    const next = descend(given, weights, free, direction);
    if (next === undefined) break;
    weights = next;
  }
  return weights;
}

/** Those with a weight; where these are at rest, with the one that is most worth letting in. */
function freeMembers(weights: Float64Array, gradient: Float64Array): number[] {
  const all = [...weights.keys()];
  const free = all.filter((member) => weights[member] > 0);
  if (free.some((member) => Math.abs(gradient[member] - 1) > GAP)) return free;
  return [...free, all.reduce((best, member) => (gradient[member] > gradient[best] ? member : best))];
}

function newtonStep(free: readonly number[], gradient: Float64Array, hessian: Float64Array): Float64Array | undefined {
  const size = gradient.length;
  const ridge = RIDGE * free.reduce((sum, member) => sum + hessian[member * size + member], 0);
  const reduced = free.flatMap((row) => free.map((column) => hessian[row * size + column] + (row === column ? ridge : 0)));
  const towards = solvePositiveDefinite(reduced, free.map((member) => gradient[member]));
  const level = solvePositiveDefinite(reduced, free.map(() => 1));
  if (towards === undefined || level === undefined) return undefined;
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  const share = total(towards) / total(level);
  return towards.map((value, index) => value - share * level[index]);
}

/** As far along the step as the weights stay >= 0 and the loss falls; undefined where it no longer does. */
function descend(given: readonly Float64Array[], weights: Float64Array, free: readonly number[], direction: Float64Array): Float64Array | undefined {
  const room = free.map((member, index) => (direction[index] < 0 ? -weights[member] / direction[index] : Infinity));
  const most = Math.min(1, ...room);
  const before = mixtureLoss(given, weights);
  for (let share = most; share > 1e-12; share /= 2) {
    const next = Float64Array.from(weights);
    free.forEach((member, index) => (next[member] = share === most && room[index] === most ? 0 : Math.max(0, weights[member] + share * direction[index])));
    const total = next.reduce((sum, weight) => sum + weight, 0);
    for (let member = 0; member < next.length; member++) next[member] /= total;
    if (mixtureLoss(given, next) < before) return next;
  }
  return undefined;
}

function mixtureLoss(given: readonly Float64Array[], weights: Float64Array): number {
  let loss = 0;
  for (let window = 0; window < given[0].length; window++) {
    let mixed = 0;
    for (let member = 0; member < given.length; member++) mixed += weights[member] * given[member][window];
    loss -= Math.log(mixed);
  }
  return loss / given[0].length;
}

/** Of the negative log loss: how much each weight gains, and how these gains change, `[members, members]`. */
function derivatives(given: readonly Float64Array[], weights: Float64Array): { readonly gradient: Float64Array; readonly hessian: Float64Array } {
  const [size, windows] = [given.length, given[0].length];
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const ratio = new Float64Array(size);
  for (let window = 0; window < windows; window++) {
    let mixed = 0;
    for (let member = 0; member < size; member++) mixed += weights[member] * given[member][window];
    for (let member = 0; member < size; member++) {
      ratio[member] = given[member][window] / mixed;
      gradient[member] += ratio[member] / windows;
      for (let other = 0; other <= member; other++) hessian[member * size + other] += (ratio[member] * ratio[other]) / windows;
    }
  }
  for (let row = 0; row < size; row++) for (let column = row + 1; column < size; column++) hessian[row * size + column] = hessian[column * size + row];
  return { gradient, hessian };
}
