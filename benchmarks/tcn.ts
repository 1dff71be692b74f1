/**
 * The causal TCN (27 inputs, 48 channels, 6 layers): a training step over sequences of 320 rows against the same net in PyTorch;
 * scoring a whole series against the main-size LSTM; a candle in the streaming form. Contestants take turns in every round.
 * `PYTHON` names an interpreter with PyTorch (default python3); without one crpbot is measured alone.
 *
 * With several threads, batches are divided in parts that are computed side by side, as `crpbot train` does.
 *
 *     node bin/tsx.js benchmarks/tcn.ts [rounds=7] [threads=1] [batch=32]
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import type { Windows } from '../src/datasets/windows.js';
import { openOnnx } from '../src/engines/onnx/onnx-engine.js';
import { TcnStream } from '../src/engines/streaming/tcn-stream.js';
import { loadTensorFlow } from '../src/engines/tensorflow/load-tensorflow.js';
import { tcnForward } from '../src/engines/tensorflow/tcn-forward.js';
import type { Architecture, TcnArchitecture } from '../src/models/architecture.js';
import type { Checkpoint } from '../src/models/checkpoint.js';
import { receptiveField } from '../src/models/tcn.js';
import { weightShapes } from '../src/models/weight-shapes.js';
import { createRandom } from '../src/random.js';
import type { AdamWState } from '../src/training/adamw.js';
import { wholeBatches } from '../src/training/batch-computer.js';
import { openExamples } from '../src/training/example-batches.js';
import { flatten, layoutOf } from '../src/training/flat-parameters.js';
import { initialWeights } from '../src/training/initial-weights.js';
import type { TrainingExamples } from '../src/training/training-examples.js';
import { openParallelBatches, partsFor } from '../src/training/parallel-batches.js';

const PYTHON = process.env.PYTHON ?? 'python3';
const TCN: TcnArchitecture = { kind: 'tcn', inputSize: 27, channels: 48, kernelSize: 2, layers: 6, headSize: 48 };
const LSTM: Architecture = { kind: 'lstm', inputSize: 50, hiddenSize: 128, layers: 3, bidirectional: true, head: 'final-hidden', headSize: 128, headLayers: ['fc.0', 'fc.3'] };
const LENGTH = 320;
const UNSCORED = 64;
/** Training rows of two years: 70 % of 1,033,920 minutes. */
const TWO_YEARS = 723_744;
const STEPS = 4;

const [rounds = 7, threads = 1, batch = 32] = process.argv.slice(2).map(Number);
const random = createRandom(1);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const range = (values: readonly number[]) => `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
const rest = () => new Promise((resolve) => setTimeout(resolve, 300));

function noise(rowCount: number, featureCount: number, length: number): Windows {
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => (random() + random() + random() - 1.5) * 2);
  return { rows, rowCount, featureCount, length, ends: Int32Array.from({ length: rowCount - length + 1 }, (_, index) => length - 1 + index) };
}

const checkpointOf = (architecture: Architecture): Checkpoint => ({
  architecture,
  weights: initialWeights(weightShapes(architecture), 1),
  manifest: {},
  format: 'safetensors',
  file: architecture.kind,
  sha256: '',
  assumed: [],
});

/** Of `STEPS` training steps. CPU seconds count what a loaded machine leaves of a core as the work it was. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

async function ours(): Promise<{ run(): Promise<Seconds>; close(): Promise<void> }> {
  const { weights } = checkpointOf(TCN);
  const parts = partsFor(batch, threads);
  const tensorFlow = await loadTensorFlow({ threads: Math.floor(threads / parts) });
  const { tf } = tensorFlow;
  const forward = tcnForward(tensorFlow, TCN);
  const layout = layoutOf(weights);
  const series = noise(100_000, TCN.inputSize, LENGTH);
  const examples: TrainingExamples = { ...series, label: Float32Array.from({ length: series.rowCount }, () => Math.round(random())), weight: new Float32Array(series.rowCount).fill(1), unscored: UNSCORED };
  const source = openExamples(tf, examples, forward);
  const sources = { training: source, validation: source };
  const model = { tf, forward, layout, architecture: TCN };
  const computer = parts === 1 ? wholeBatches(model, sources) : await openParallelBatches(model, sources, { training: examples, validation: examples }, parts);
  let state: AdamWState = { weights: tf.tensor1d(flatten(weights, layout)), firstMoment: tf.zeros([layout.size]), secondMoment: tf.zeros([layout.size]) };
  let step = 0;
  const run = async (): Promise<Seconds> => {
    const begin = performance.now();
    const before = process.cpuUsage();
    for (let count = 0; count < STEPS; count++) {
      const chosen = Int32Array.from({ length: batch }, () => Math.floor(random() * examples.ends.length));
      const next = await computer.step(state, chosen, source.targets(chosen), { learningRate: 1e-3, weightDecay: 0.01, step: ++step, clipNorm: 1, positiveWeight: 1 });
      tf.dispose([state.weights, state.firstMoment, state.secondMoment]);
      ({ state } = next);
    }
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 };
  };
  return { run, close: () => computer.close() };
}

function pytorch(): { run(): Promise<Seconds>; close(): void } {
  const child = spawn(PYTHON, ['benchmarks/training/tcn_pytorch.py', ...[threads, batch, LENGTH, UNSCORED, TCN.inputSize, TCN.channels, TCN.layers].map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = lines.next();
  return {
    async run() {
      await ready;
      child.stdin.write(`${STEPS}\n`);
      const [wall, cpu] = String((await lines.next()).value).split(' ').map(Number);
      return { wall, cpu };
    },
    close: () => child.stdin.end(),
  };
}

async function training(): Promise<void> {
  const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
  if (!hasTorch) console.log(`${PYTHON} has no PyTorch: crpbot is measured alone, no ratio (set PYTHON to one that has)`);
  const mine = await ours();
  const torch = hasTorch ? pytorch() : undefined;
  const seconds: number[] = [];
  const ratios: Seconds[] = [];
  for (let round = -1; round < rounds; round++) {
    const [own, other] = [await mine.run(), await torch?.run()];
    if (round < 0) continue;
    seconds.push(own.wall);
    if (other !== undefined) ratios.push({ wall: own.wall / other.wall, cpu: own.cpu / other.cpu });
    await rest();
  }
  torch?.close();
  await mine.close();
  const stepsPerEpoch = TWO_YEARS / (LENGTH - UNSCORED) / batch;
  console.log(`training, batch ${batch}, ${threads} thread(s), ${rounds} rounds: an epoch of ${TWO_YEARS} rows ${((median(seconds) / STEPS) * stepsPerEpoch).toFixed(1)} s`);
  if (ratios.length === 0) return;
  for (const kind of ['wall', 'cpu'] as const) {
    const each = ratios.map((ratio) => ratio[kind]);
    console.log(`  ${kind} time over PyTorch's: median ${median(each).toFixed(2)} (${range(each)})`);
  }
}

async function scoring(): Promise<void> {
  const tcn = await openOnnx(checkpointOf(TCN), { windowLength: receptiveField(TCN), device: 'cpu' });
  const lstm = await openOnnx(checkpointOf(LSTM), { windowLength: 60, device: 'cpu' });
  const [series, windows] = [noise(200_000, TCN.inputSize, receptiveField(TCN)), noise(1_059, LSTM.inputSize, 60)];
  const ratios: number[] = [];
  const speeds: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const speedOf = async (scorer: typeof tcn, scored: Windows): Promise<number> => {
      const begin = performance.now();
      await scorer.score(scored);
      return (1000 * scored.ends.length) / (performance.now() - begin);
    };
    const [fast, slow] = [await speedOf(tcn, series), await speedOf(lstm, windows)];
    if (round < 0) continue;
    speeds.push(fast);
    ratios.push(fast / slow);
  }
  await Promise.all([tcn.dispose(), lstm.dispose()]);
  console.log(`scoring a series: ${median(speeds).toFixed(0)} windows/s, ${median(ratios).toFixed(0)} x the LSTM's (${range(ratios)})`);
}

function streaming(): void {
  const stream = new TcnStream(TCN, checkpointOf(TCN).weights);
  const { rows, rowCount, featureCount } = noise(4_000, TCN.inputSize, 1);
  const micros: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    const begin = performance.now();
    stream.push(rows.subarray(row * featureCount, (row + 1) * featureCount));
    if (row >= rowCount / 2) micros.push((performance.now() - begin) * 1000);
  }
  console.log(`streaming: ${median(micros).toFixed(0)} us a candle (median of ${micros.length}), state ${stream.save().byteLength} bytes`);
}

console.log(`load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`);
streaming();
await scoring();
await training();
