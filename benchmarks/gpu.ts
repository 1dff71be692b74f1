/**
 * What a GPU makes of it: training steps of the main-size models in every form (LSTM by cuDNN, by `BlockLSTM`, composed;
 * fp32 and mixed precision), scoring, and what that comes to for three models over two years. Prints one Markdown table.
 * Contestants take turns in every round, medians are compared. Where one fails its row says why. On a CPU, or with
 * `--small`, the same is run in small, without the estimates.
 *
 *     node bin/tsx.js benchmarks/gpu.ts [--device gpu] [--small] [--rounds 5]
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Windows } from '../src/datasets/windows.js';
import type { Scorer } from '../src/engines/engine.js';
import { openOnnx } from '../src/engines/onnx/onnx-engine.js';
import { findTensorFlow } from '../src/engines/tensorflow/find-tensorflow.js';
import type { ForwardPass } from '../src/engines/tensorflow/forward-pass.js';
import { forwardPass } from '../src/engines/tensorflow/forward.js';
import { mixedPrecision } from '../src/engines/tensorflow/half-precision.js';
import { loadTensorFlow } from '../src/engines/tensorflow/load-tensorflow.js';
import { lstmForward } from '../src/engines/tensorflow/lstm-forward.js';
import { nvidiaGpus } from '../src/engines/tensorflow/nvidia.js';
import { openTensorFlow } from '../src/engines/tensorflow/tensorflow-engine.js';
import type { Device, TensorFlow } from '../src/engines/tensorflow/tensorflow.js';
import { isExpectedError } from '../src/errors.js';
import { weightShapes } from '../src/models/weight-shapes.js';
import { projectVersion } from '../src/project-root.js';
import { createRandom } from '../src/random.js';
import type { AdamWState } from '../src/training/adamw.js';
import { openExamples } from '../src/training/example-batches.js';
import { flatten, layoutOf } from '../src/training/flat-parameters.js';
import { initialWeights } from '../src/training/initial-weights.js';
import { FIRST_LOSS_SCALE, isOverflow, nextLossScale, type LossScale } from '../src/training/loss-scale.js';
import { trainingStep } from '../src/training/training-step.js';
import { chooseModel, KIND_SETTINGS, type ModelKind } from '../src/workflows/training/model-kinds.js';

const { values: flags } = parseArgs({ options: { device: { type: 'string', default: 'auto' }, small: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } } });
const rounds = Number(flags.rounds);
if (!['auto', 'cpu', 'gpu'].includes(flags.device) || !(rounds >= 1)) fail('--device is auto, cpu or gpu, and --rounds a number from 1');

/** Training rows of two years, 70 % of 1,033,920 minutes, of each of three symbols; and their windows that an evaluation scores. */
const [TRAINING_ROWS, SYMBOLS, EVALUATED] = [723_744, 3, 463_287];
/** A training of an LSTM or a Transformer ends when it no longer gains: mostly within the first cycle of its schedule. */
const EPOCHS: Readonly<Record<ModelKind, number>> = { lstm: 10, transformer: 10, tcn: KIND_SETTINGS.tcn.epochs };
const TARGET_MINUTES = { training: 10, evaluation: 1 };

interface Contestant {
  readonly name: string;
  /** Absent: what the engine takes. */
  readonly batch?: number | undefined;
  /** Examples done in about `ms`. */
  readonly run: (ms: number) => Promise<number>;
  /** Minutes for three models over two years, at so many examples a second. */
  readonly minutes: (speed: number) => number;
  readonly target: number;
  readonly close?: () => Promise<void>;
  readonly speeds: number[];
  failure?: string;
}

const warnings: string[] = [];
const loaded = await loadTensorFlow({ device: flags.device as Device, backend: 'tensorflow', onWarning: (line) => warnings.push(line) }).catch((error: unknown) => fail(isExpectedError(error) ? `${error.message}\n${error.hint ?? ''}` : String(error)));
const onGpu = loaded.device === 'gpu';
const small = flags.small || !onGpu;
if (!onGpu) console.error('TensorFlow computes on the CPU here: the benchmark runs in small, and its figures say nothing of a GPU');
const sizes = small ? { width: 16, layers: 2 } : {};
const random = createRandom(1);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function noise(rowCount: number, featureCount: number, length: number): Windows {
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => (random() + random() + random() - 1.5) * 2);
  return { rows, rowCount, featureCount, length, ends: Int32Array.from({ length: rowCount - length + 1 }, (_, index) => length - 1 + index) };
}

function training(kind: ModelKind, form: 'cudnn' | 'fused' | 'composed' | undefined, precision: 'fp32' | 'mixed', batch: number): Contestant {
  const { architecture, windowLength, sequenceLength } = chooseModel(kind, kind === 'tcn' ? 27 : 50, sizes);
  const length = small && kind !== 'tcn' ? 12 : (sequenceLength ?? windowLength);
  const begin = () => {
    const tensorFlow: TensorFlow = precision === 'mixed' ? mixedPrecision(loaded) : loaded;
    const { tf } = tensorFlow;
    const forward: ForwardPass = architecture.kind === 'lstm' ? lstmForward(tensorFlow, architecture, form) : forwardPass(tensorFlow, architecture);
    const weights = initialWeights(weightShapes(architecture), 1);
    const layout = layoutOf(weights);
    const series = noise(20_000, architecture.inputSize, length);
    const source = openExamples(tf, { ...series, label: Float32Array.from({ length: series.rowCount }, () => Math.round(random())), weight: new Float32Array(series.rowCount).fill(1), unscored: windowLength - 1 }, forward);
    let state: AdamWState = { weights: tf.tensor1d(flatten(weights, layout)), firstMoment: tf.zeros([layout.size]), secondMoment: tf.zeros([layout.size]) };
    let lossScale: LossScale | undefined = precision === 'mixed' ? FIRST_LOSS_SCALE : undefined;
    let steps = 0;
    const step = (): void => {
      const chosen = Int32Array.from({ length: batch }, () => Math.floor(random() * series.ends.length));
      const input = source.input(chosen);
      try {
        const { state: next, loss, norm } = trainingStep(tf, forward, layout, state, { input, targets: source.targets(chosen) }, { learningRate: 1e-4, weightDecay: 0.01, step: ++steps, lossScale: lossScale?.scale, clipNorm: 1, positiveWeight: 1, dropout: { rate: 0.2, seed: steps } });
        const skipped = isOverflow(lossScale, loss, norm);
        if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} after ${steps} steps`);
        lossScale &&= nextLossScale(lossScale, skipped);
        const old = skipped ? next : state;
        tf.dispose([old.weights, old.firstMoment, old.secondMoment]);
        if (!skipped) state = next;
      } finally {
        input.dispose();
      }
    };
    const dispose = (): void => {
      tf.dispose([state.weights, state.firstMoment, state.secondMoment]);
      source.dispose();
    };
    return { step, dispose };
  };
  let begun: ReturnType<typeof begin> | undefined;
  return {
    name: `train ${kind}${form === undefined ? '' : `, ${{ cudnn: 'cuDNN', fused: 'BlockLSTM', composed: 'composed' }[form]}`}, ${precision}`,
    batch,
    async run(ms) {
      begun ??= begin();
      const end = performance.now() + ms;
      let examples = 0;
      for (; examples === 0 || performance.now() < end; examples += batch) {
        begun.step();
        await turnOfEventLoop();
      }
      return examples;
    },
    minutes: (speed) => (SYMBOLS * EPOCHS[kind] * TRAINING_ROWS) / KIND_SETTINGS[kind].stride / (kind === 'tcn' ? length - windowLength + 1 : 1) / speed / 60,
    target: TARGET_MINUTES.training,
    close: () => Promise.resolve(begun?.dispose()),
    speeds: [],
  };
}

function evaluating(kind: ModelKind, engine: 'TensorFlow' | 'ONNX Runtime', device: 'cpu' | 'gpu', batch?: number): Contestant {
  const { architecture, windowLength } = chooseModel(kind, kind === 'tcn' ? 27 : 50, sizes);
  const model = { architecture, weights: initialWeights(weightShapes(architecture), 1), manifest: {}, format: 'safetensors', file: kind, sha256: '', assumed: [] } as const;
  const windows = noise(small ? 600 : 20_000, architecture.inputSize, windowLength);
  let scorer: Scorer | undefined;
  return {
    name: `evaluate ${kind}, ${engine} on the ${device.toUpperCase()}`,
    batch,
    async run(ms) {
      scorer ??= engine === 'TensorFlow' ? openTensorFlow(loaded, model, { batch }) : await openOnnx(model, { windowLength, device, batch });
      const end = performance.now() + ms;
      let scored = 0;
      for (; scored === 0 || performance.now() < end; scored += windows.ends.length) await scorer.score(windows);
      return scored;
    },
    minutes: (speed) => EVALUATED / speed / 60,
    target: TARGET_MINUTES.evaluation,
    close: async () => scorer?.dispose(),
    speeds: [],
  };
}

/** Every contestant warmed up, then in turns; one that fails drops out. Those of one group hold their memory together. */
async function compete(contestants: readonly Contestant[]): Promise<void> {
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      if (contestant.failure !== undefined) continue;
      try {
        const begin = performance.now();
        const examples = await contestant.run(small ? 100 : 1000);
        if (round >= 0) contestant.speeds.push((1000 * examples) / (performance.now() - begin));
      } catch (error) {
        contestant.failure = reason(error);
        await contestant.close?.();
      }
    }
    console.error(`${contestants[0].name} and ${contestants.length - 1} more: round ${round + 1} of ${rounds}`);
  }
  for (const { close, failure } of contestants) if (failure === undefined) await close?.();
}

function reason(error: unknown): string {
  const { message } = error as Error;
  if (/Could not find device|registered kernels/i.test(message)) return 'no such kernel on this device';
  return message.split('\n').slice(0, 2).join(' ').replaceAll('|', '/').slice(0, 120);
}

/** What the wheel was built with: its own words in `build_info.py`. */
function builtWith(): string {
  try {
    const text = readFileSync(join(findTensorFlow().folder, 'python/platform/build_info.py'), 'utf8');
    const said = (key: string) => new RegExp(`\\('${key}', '?([^')]+)'?\\)`).exec(text)?.[1];
    return said('cuda_version') === undefined ? 'built without CUDA' : `CUDA ${said('cuda_version')}, cuDNN ${said('cudnn_version') ?? 'unknown'}`;
  } catch {
    return 'CUDA unknown';
  }
}

function tableOf(contestants: readonly Contestant[]): string[] {
  const gpus = nvidiaGpus().map(({ name, memoryMb, driver }) => `${name}, ${memoryMb} MiB, driver ${driver}`);
  const facts = [
    onGpu ? gpus.join('; ') || 'a GPU that nvidia-smi does not name' : `CPU only: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    `TensorFlow ${loaded.version}, ${builtWith()}; crpbot ${projectVersion()}, Node.js ${process.versions.node}, load ${loadavg()[0].toFixed(1)}`,
    ...(onGpu ? [`cuDNN's LSTM agrees in ${loaded.cudnnLstm?.join(' and ') || 'no type'}`] : []),
    ...warnings.map((warning) => warning.split('\n')[0].replaceAll('|', '/')),
    ...(small ? ['small models and batches: no estimates'] : [`three models over two years: ${SYMBOLS} symbols, ${TRAINING_ROWS} rows each; ${EPOCHS.lstm} epochs, of a TCN ${EPOCHS.tcn}; ${EVALUATED} windows evaluated. Worked out from the speed`]),
  ];
  const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line('what', 'batch', 'examples a second', 'three models, two years', 'wanted'),
    '|---|---|---|---|---|',
    ...facts.map((fact) => line(fact, '', '', '', '')),
    ...contestants.map(({ name, batch, speeds, minutes, target, failure }) => {
      if (failure !== undefined) return line(name, String(batch ?? ''), failure, '', '');
      const speed = median(speeds);
      return line(name, String(batch ?? ''), `${Math.round(speed)} (${Math.round(Math.min(...speeds))} to ${Math.round(Math.max(...speeds))})`, small ? '' : `${minutes(speed).toFixed(1)} min`, small ? '' : `under ${target} min: ${minutes(speed) < target ? 'reached' : 'not reached'}`);
    }),
  ];
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}

const precisions = ['fp32', 'mixed'] as const;
const batches = small ? [16] : [32, 256, 1024];
const groups: Contestant[][] = [
  ...batches.map((batch) => [
    ...precisions.flatMap((precision) => [training('lstm', 'cudnn', precision, batch), training('lstm', 'fused', precision, batch)]),
    training('lstm', 'composed', 'fp32', batch),
  ]),
  ...batches.map((batch) => precisions.map((precision) => training('transformer', undefined, precision, batch))),
  ...(small ? [4] : [32, 256]).map((batch) => precisions.map((precision) => training('tcn', undefined, precision, batch))),
  ...(['lstm', 'transformer', 'tcn'] as const).map((kind) => [evaluating(kind, 'TensorFlow', loaded.device, small ? 64 : 2048), evaluating(kind, 'ONNX Runtime', 'cpu'), ...(onGpu ? [evaluating(kind, 'ONNX Runtime', 'gpu')] : [])]),
];
for (const group of groups) await compete(group);
console.log(tableOf(groups.flat()).join('\n'));
