/** The side of crpbot in `training.ts`: whole training steps of the main-size LSTM on one thread. `BATCH STEPS` in, seconds, CPU seconds and loss out. */
import { createInterface } from 'node:readline';
import { forwardPass } from '../../src/engines/tensorflow/forward.js';
import { loadTensorFlow } from '../../src/engines/tensorflow/load-tensorflow.js';
import { createNativeOps, type NodeBackend } from '../../src/engines/tensorflow/native-ops.js';
import { gatherWindows } from '../../src/engines/tensorflow/tensorflow-engine.js';
import type { LstmArchitecture } from '../../src/models/architecture.js';
import { weightShapes } from '../../src/models/weight-shapes.js';
import { createRandom } from '../../src/random.js';
import type { AdamWState } from '../../src/training/adamw.js';
import { flatten, layoutOf } from '../../src/training/flat-parameters.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import { trainingStep } from '../../src/training/training-step.js';

const LENGTH = 60;
const ROWS = 20_000;
const architecture: LstmArchitecture = { kind: 'lstm', inputSize: 50, hiddenSize: 128, layers: 3, bidirectional: true, head: 'final-hidden', headSize: 128, headLayers: ['fc.0', 'fc.3'] };

let tensorFlow = await loadTensorFlow({ device: 'cpu', backend: 'tensorflow', threads: 1 });
/** Milliseconds in each part of TensorFlow's calls, by kernel: `PROFILE=1`. */
const spent = new Map<string, { calls: number; ms: number }>();
function timed<Made>(name: string, run: () => Made): Made {
  const begin = process.cpuUsage();
  const made = run();
  const { user, system } = process.cpuUsage(begin);
  const total = spent.get(name) ?? { calls: 0, ms: 0 };
  spent.set(name, { calls: total.calls + 1, ms: total.ms + (user + system) / 1000 });
  return made;
}
type Tail = Parameters<NodeBackend['binding']['executeOp']> extends [string, ...infer Rest] ? Rest : never;
if (process.env.PROFILE === '1') {
  const backend = tensorFlow.tf.backend() as unknown as { binding: NodeBackend['binding'] } & NodeBackend;
  const { binding } = backend;
  // What it exports cannot be replaced in place.
  backend.binding = Object.create(binding, { executeOp: { value: (name: string, ...rest: Tail) => timed(name, () => binding.executeOp(name, ...rest)) } }) as typeof binding;
  tensorFlow = { ...tensorFlow, native: createNativeOps(backend) };
}
const { tf } = tensorFlow;
const pass = forwardPass(tensorFlow, architecture);
const weights = initialWeights(weightShapes(architecture), 1);
const layout = layoutOf(weights);
const flat = tf.tensor1d(flatten(weights, layout));
let state: AdamWState = { weights: flat, firstMoment: tf.zerosLike(flat), secondMoment: tf.zerosLike(flat) };
const random = createRandom(1);
const rows = tf.tensor2d(Float32Array.from({ length: ROWS * 50 }, () => (random() + random() + random() - 1.5) * 2), [ROWS, 50]);

let step = 0;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [batch, steps] = line.split(' ').map(Number);
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let loss = NaN;
  for (let index = 0; index < steps; index++) {
    const ends = Int32Array.from({ length: batch }, () => LENGTH - 1 + Math.floor(random() * (ROWS - LENGTH)));
    const targets = { label: Float32Array.from(ends, () => Number(random() < 0.5)), weight: new Float32Array(batch).fill(1), shape: [batch] };
    const input = gatherWindows(tensorFlow, rows, { ends, length: LENGTH }, 0, batch, pass.inputLayout);
    const settings = { learningRate: 1e-3, weightDecay: 0.01, step: ++step, clipNorm: 1, positiveWeight: 1, dropout: { rate: 0.2, seed: step } };
    const done = trainingStep(tf, pass, layout, state, { input, targets }, settings);
    tf.dispose([input, state.weights, state.firstMoment, state.secondMoment]);
    ({ state, loss } = done);
  }
  const { user, system } = process.cpuUsage(cpu);
  console.log((performance.now() - begin) / 1000, (user + system) / 1e6, loss, tf.memory().numTensors);
  if (spent.size > 0) {
    const order = [...spent].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 14);
    console.error(`batch ${batch}: CPU ms a step ${((user + system) / 1000 / steps).toFixed(0)}; ${order.map(([name, { calls, ms }]) => `${name} ${(ms / steps).toFixed(1)} (${calls / steps})`).join(', ')}`);
    spent.clear();
  }
}
