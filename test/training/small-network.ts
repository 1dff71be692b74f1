import * as tfjs from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { ForwardPass } from '../../src/engines/tensorflow/forward-pass.js';
import type { TensorFlow } from '../../src/engines/tensorflow/tensorflow.js';
import { createRandom } from '../../src/random.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import type { TrainableModel } from '../../src/training/train.js';
import type { TrainingExamples } from '../../src/training/training-examples.js';
import { DEFAULT_SETTINGS, type TrainingSettings } from '../../src/training/training-settings.js';

/** tfjs' own kernels in JavaScript: the trainer asks no more of a library. */
export async function plainTensorFlow(): Promise<TensorFlow> {
  // Without it the first use prints an advertisement.
  tfjs.enableProdMode();
  await tfjs.setBackend('cpu');
  return { tf: tfjs, backend: 'wasm', device: 'cpu', version: tfjs.version['tfjs-core'] };
}

/** tanh network on the last row of a window, or on every row. */
export function smallForward(outputs: ForwardPass['outputs'] = 'one', inputLayout: ForwardPass['inputLayout'] = 'batch-first'): ForwardPass {
  return {
    inputLayout,
    outputs,
    logits: (parameters, input) => {
      const weight = (name: string): Tensor => parameters.get(name) as Tensor;
      const byExample = inputLayout === 'batch-first' ? input : input.transpose([1, 0, 2]);
      const [batch, rows, features] = byExample.shape as [number, number, number];
      const scored = outputs === 'many' ? byExample : byExample.slice([0, rows - 1, 0], [batch, 1, features]);
      const flat = scored.reshape([-1, features]);
      const hidden = flat.matMul(weight('0.weight'), false, true).add(weight('0.bias')).tanh();
      const logits = hidden.matMul(weight('2.weight'), false, true).add(weight('2.bias'));
      return logits.reshape(outputs === 'many' ? [batch, rows] : [batch]);
    },
  };
}

export function smallShapes(features: number): Map<string, number[]> {
  return new Map([['0.weight', [4, features]], ['0.bias', [4]], ['2.weight', [1, 4]], ['2.bias', [1]]]);
}

export async function smallModel(outputs: ForwardPass['outputs'] = 'one', features = 3, seed = 1): Promise<TrainableModel> {
  return { tensorFlow: await plainTensorFlow(), forward: smallForward(outputs), initial: initialWeights(smallShapes(features), seed) };
}

/** Rows of noise whose first feature says the label three times in four. */
export function learnable(rowCount: number, seed: number, length = 2, unscored = length - 1): TrainingExamples {
  const random = createRandom(seed, 99);
  const rows = Float32Array.from({ length: rowCount * 3 }, () => 2 * random() - 1);
  const label = Float32Array.from({ length: rowCount }, (_, row) => Number(random() < (rows[row * 3] > 0 ? 0.75 : 0.25)));
  return { rows, rowCount, featureCount: 3, label, weight: new Float32Array(rowCount).fill(1), length, ends: Int32Array.from({ length: rowCount - length + 1 }, (_, index) => index + length - 1), unscored };
}

export const quickSettings: TrainingSettings = { ...DEFAULT_SETTINGS, epochs: 6, batchSize: 32, learningRate: 0.02, dropout: 0 };
