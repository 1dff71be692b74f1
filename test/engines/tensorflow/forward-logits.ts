import type { Tensor3D } from '@tensorflow/tfjs';
import { forwardPass } from '../../../src/engines/tensorflow/forward.js';
import { loadTensorFlow } from '../../../src/engines/tensorflow/load-tensorflow.js';
import type { TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import type { Architecture, TcnArchitecture } from '../../../src/models/architecture.js';
import { createRandom } from '../../../src/random.js';
import { randomWeights, smallLstm, smallTransformer } from '../../support/random-weights.js';

const smallTcn: TcnArchitecture = { kind: 'tcn', inputSize: 5, channels: 6, kernelSize: 2, layers: 3, headSize: 4 };

export const architectures: Readonly<Record<string, Architecture>> = {
  'lstm final-hidden': smallLstm,
  'lstm last-step': { ...smallLstm, head: 'last-step' },
  'lstm one direction': { ...smallLstm, bidirectional: false },
  transformer: smallTransformer,
  tcn: smallTcn,
};

/** Logits of 7 windows of 12 rows of noise, the same wherever it is computed. */
export function forwardLogits(tensorFlow: TensorFlow, architecture: Architecture): number[] {
  const { tf } = tensorFlow;
  return tf.tidy(() => {
    const parameters = new Map([...randomWeights(architecture)].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]));
    const random = createRandom(5);
    const windows = tf.tensor3d(Float32Array.from({ length: 7 * 12 * 5 }, () => 4 * random() - 2), [7, 12, 5]);
    const pass = forwardPass(tensorFlow, architecture);
    const input = pass.inputLayout === 'time-first' ? tf.transpose<Tensor3D>(windows, [1, 0, 2]) : windows;
    return [...pass.logits(parameters, input).dataSync()];
  });
}

/** As a program: a process computes on one backend only. */
async function printOnWasm(): Promise<void> {
  const tensorFlow = await loadTensorFlow({ backend: 'wasm' });
  const logits = Object.fromEntries(Object.entries(architectures).map(([name, architecture]) => [name, forwardLogits(tensorFlow, architecture)]));
  process.stdout.write(`${JSON.stringify({ backend: tensorFlow.tf.getBackend(), logits })}\n`);
}

if (process.argv[2] === 'print-on-wasm') void printOnWasm();
