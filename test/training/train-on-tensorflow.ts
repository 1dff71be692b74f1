import { weightsSha256 } from '../../src/models/safetensors/weights-hash.js';
import { loadTensorFlow } from '../../src/engines/tensorflow/load-tensorflow.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import { train } from '../../src/training/train.js';
import { learnable, quickSettings, smallForward, smallShapes } from './small-network.js';

/** A process of its own, to be killed: trains a small network in the folder given and prints its weights' hash. */
async function main(folder: string): Promise<void> {
  const tensorFlow = await loadTensorFlow({ device: 'cpu', threads: 1 });
  const model = { tensorFlow, forward: smallForward(), initial: initialWeights(smallShapes(3), 1) };
  const { weights, resumedAfter } = await train(learnable(2000, 1), learnable(500, 2), model, { ...quickSettings, epochs: 8, patience: 8 }, {
    storage: { folder, run: 'demo' },
    onProgress: ({ detail }) => process.stdout.write(`${detail}\n`),
  });
  process.stdout.write(`resumed after ${resumedAfter}, weights ${weightsSha256(weights)}\n`);
}

void main(process.argv[2]);
