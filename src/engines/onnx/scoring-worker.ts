// Runs in a worker thread (bin/worker.js): ONNX Runtime computes on the thread that calls it, so each core gets one.
import * as ort from 'onnxruntime-node';
import { parentPort, workerData } from 'node:worker_threads';
import { cutBatch } from './batches.js';
import { COUNTERS, type Reply, type Request, type WorkerSetup } from './scoring-protocol.js';

const setup = workerData as WorkerSetup;
const port = parentPort;
if (port === null) throw new Error('scoring-worker.ts runs in a worker thread only');
const reply = (message: Reply) => port.postMessage(message);
const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

let session: ort.InferenceSession | undefined;

async function open(): Promise<void> {
  session = await ort.InferenceSession.create(setup.model, {
    executionProviders: [setup.provider],
    intraOpNumThreads: setup.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  reply({
    kind: 'ready',
    inputs: session.inputNames,
    outputs: session.outputNames,
    inputShapes: session.inputMetadata.map((value) => (value.isTensor ? value.shape : [])),
  });
}

async function score({ windows, probability, each, counters, batch }: Extract<Request, { kind: 'score' }>): Promise<void> {
  const running = session!;
  const [input, output] = [running.inputNames[0], running.outputNames[setup.outputIndex]];
  const buffer = new Float32Array(batch * windows.length * windows.featureCount);
  const total = windows.ends.length;
  while (Atomics.load(counters, COUNTERS.stop) === 0) {
    const from = Atomics.add(counters, COUNTERS.next, batch);
    if (from >= total) break;
    const to = Math.min(from + batch, total);
    cutBatch(windows, from, to, setup.layout === 'time-first' ? 'time-first' : 'batch-first', buffer);
    const count = to - from;
    const shape = { rows: [count, windows.featureCount], 'time-first': [windows.length, count, windows.featureCount], 'batch-first': [count, windows.length, windows.featureCount] }[setup.layout];
    const data = buffer.subarray(0, count * windows.length * windows.featureCount);
    const outputs = await running.run({ [input]: new ort.Tensor('float32', data, shape) }, [output]);
    const values = outputs[output].data as Float32Array;
    const columns = values.length / (count * each);
    if (columns !== 1 && columns !== 2) throw new Error(`its output has ${values.length} values for ${count} windows; one P(up) each, or P(down) and P(up), are needed`);
    for (let index = 0; index < count * each; index++) probability[from * each + index] = values[index * columns + columns - 1]!;
    Atomics.add(counters, COUNTERS.done, count);
  }
  reply({ kind: 'scored' });
}

port.on('message', (request: Request) => {
  const work = request.kind === 'score' ? score(request) : (session?.release() ?? Promise.resolve()).then(() => port.close());
  work.catch((error: unknown) => reply({ kind: 'failed', message: describe(error) }));
});
open().catch((error: unknown) => reply({ kind: 'failed', message: describe(error) }));
