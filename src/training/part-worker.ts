// Runs in a worker thread (bin/worker.js): computes its part of each batch with a TensorFlow context of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { forwardPass } from '../engines/tensorflow/forward.js';
import { loadTensorFlow } from '../engines/tensorflow/load-tensorflow.js';
import { toPlainError } from '../plain-error.js';
import { openExamples } from './example-batches.js';
import type { PartReply, PartRequest, PartSetup } from './part-thread.js';
import type { TrainingExamples } from './training-examples.js';
import { batchGradient } from './training-step.js';
import { batchLogits } from './validate.js';

const { architecture, layout, examples, weights: sharedWeights, gradient: sharedGradient } = workerData as PartSetup;
const port = parentPort;
if (port === null) throw new Error('part-worker.ts runs in a worker thread only');
const reply = (message: PartReply): void => port.postMessage(message);
const fail = (error: unknown): void => reply({ kind: 'failed', error: toPlainError(error) });

async function open(): Promise<(request: PartRequest) => PartReply> {
  const tensorFlow = await loadTensorFlow({ device: 'cpu', backend: 'tensorflow' });
  const { tf } = tensorFlow;
  const forward = forwardPass(tensorFlow, architecture);
  const training = openExamples(tf, unshared(examples.training), forward);
  const validation = openExamples(tf, unshared(examples.validation), forward);
  return (request) => {
    const weights = tf.tensor1d(Float32Array.from(sharedWeights));
    try {
      if (request.kind === 'logits') return { kind: 'computed', loss: 0, logits: batchLogits(tf, { forward, weights, layout }, validation, request.batch) };
      const { batch, settings, batchWeight } = request;
      const input = training.input(batch);
      const part = batchGradient(tf, forward, layout, weights, { input, targets: training.targets(batch) }, settings, batchWeight);
      sharedGradient.set(part.gradient.dataSync());
      const computed = { kind: 'computed', loss: part.loss.dataSync()[0], logits: Float32Array.from(part.logits.dataSync()) } as const;
      tf.dispose([input, part.loss, part.gradient, part.logits]);
      return computed;
    } finally {
      weights.dispose();
    }
  };
}

/** TensorFlow does not read memory shared between threads. */
function unshared(given: TrainingExamples): TrainingExamples {
  return { ...given, rows: Float32Array.from(given.rows) };
}

const opened = open();
opened.then(() => reply({ kind: 'ready' }), fail);
port.on('message', (request: PartRequest | 'close') => {
  if (request === 'close') return port.close();
  opened.then((compute) => reply(compute(request))).catch(fail);
});
