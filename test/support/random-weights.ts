import type { Architecture, LstmArchitecture, TransformerArchitecture } from '../../src/models/architecture.js';
import type { Tensor } from '../../src/models/checkpoint.js';
import { weightShapes } from '../../src/models/weight-shapes.js';

export const smallLstm: LstmArchitecture = {
  kind: 'lstm',
  inputSize: 5,
  hiddenSize: 4,
  layers: 2,
  bidirectional: true,
  head: 'final-hidden',
  headSize: 3,
  headLayers: ['fc.0', 'fc.3'],
};

export const smallTransformer: TransformerArchitecture = {
  kind: 'transformer',
  inputSize: 5,
  modelSize: 8,
  layers: 2,
  heads: 2,
  feedForwardSize: 12,
  headSize: 6,
};

/** Weights of every name and shape the architecture has, with numbers that repeat for the same seed. */
export function randomWeights(architecture: Architecture, seed = 1): Map<string, Tensor> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return new Map(
    [...weightShapes(architecture)].map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from({ length: count }, next) }];
    }),
  );
}
