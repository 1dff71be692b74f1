import type { Architecture } from './architecture.js';
import type { Tensor, Weights } from './checkpoint.js';

/** Platt's map of a logit z: `slope * z + intercept`. */
export interface LogitMap {
  readonly slope: number;
  readonly intercept: number;
}

/** The linear layer whose output is the logit. */
export function logitLayer(architecture: Architecture): string {
  if (architecture.kind === 'lstm') return architecture.headLayers[1];
  return architecture.kind === 'transformer' ? 'output_layer.3' : 'head.3';
}

/**
 * The weights of the model whose logits are mapped. A linear layer of one unit makes the logit, so that the map goes
 * into its weights and bias: every engine and format then gives the calibrated probability.
 */
export function foldCalibration(architecture: Architecture, weights: Weights, { slope, intercept }: LogitMap): Weights {
  const layer = logitLayer(architecture);
  const mapped = new Map<string, Tensor>(weights);
  const map = (name: string, each: (value: number) => number): void => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`no weight ${name}`);
    mapped.set(name, { shape: tensor.shape, data: tensor.data.map(each) });
  };
  map(`${layer}.weight`, (value) => slope * value);
  map(`${layer}.bias`, (value) => slope * value + intercept);
  return mapped;
}
