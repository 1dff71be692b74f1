import { createRandom } from '../random.js';
import type { Tensor, Weights } from '../models/checkpoint.js';
import type { WeightShapes } from '../models/weight-shapes.js';

/**
 * Weights to start a training from, by PyTorch's own defaults for each kind of layer (`reset_parameters` of `nn.LSTM`,
 * `nn.Linear`, `nn.Conv1d`, `nn.MultiheadAttention`, `nn.LayerNorm`). Each weight draws from a stream of its own: the
 * same seed gives the same weights, whatever the order of the names.
 */
export function initialWeights(shapes: WeightShapes, seed: number): Weights {
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of shapes) {
    const data = new Float32Array(elements(shape));
    const start = initialRange(name, shape, shapes);
    if ('constant' in start) data.fill(start.constant);
    else {
      const random = createRandom(seed, streamOf(name));
      for (let index = 0; index < data.length; index++) data[index] = (2 * random() - 1) * start.bound;
    }
    weights.set(name, { shape, data });
  }
  return weights;
}

/** All equal, or uniform in [-bound, bound]. */
type InitialRange = { readonly constant: number } | { readonly bound: number };

function initialRange(name: string, shape: readonly number[], shapes: WeightShapes): InitialRange {
  if (name.startsWith('lstm.')) return { bound: 1 / Math.sqrt(shape[0] / 4) };
  if (/(^|\.)norm\d*\.weight$/.test(name)) return { constant: 1 };
  if (/(^|\.)norm\d*\.bias$/.test(name)) return { constant: 0 };
  if (name.endsWith('.in_proj_bias') || name.endsWith('.out_proj.bias')) return { constant: 0 };
  // Xavier (Glorot and Bengio 2010) over the three projections stacked.
  if (name.endsWith('.in_proj_weight')) return { bound: Math.sqrt(6 / (shape[0] + shape[1])) };
  // kaiming_uniform(a = sqrt 5), which is +- 1 / sqrt(fan in); a bias has its layer's.
  const weight = shape.length > 1 ? shape : (shapes.get(name.replace(/bias$/, 'weight')) ?? shape);
  return { bound: 1 / Math.sqrt(elements(weight.slice(1))) };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A number of a name: FNV-1a, 32 bits. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
