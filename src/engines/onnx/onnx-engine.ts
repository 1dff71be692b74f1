import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { sampleWindows, type Windows } from '../../datasets/windows.js';
import { InputError, SetupError } from '../../errors.js';
import type { Architecture } from '../../models/architecture.js';
import type { Model } from '../../models/model.js';
import { projectRoot } from '../../project-root.js';
import type { JobControl } from '../../progress.js';
import type { Scorer } from '../engine.js';
import { buildOnnx, preferredLayout } from './build-onnx.js';
import { openPool, type ScoringPool } from './scoring-pool.js';
import type { WorkerSetup } from './scoring-protocol.js';
import { scoreSeries } from './series-scorer.js';

export interface OnnxEngineOptions {
  readonly windowLength: number;
  readonly precision?: 'fp32' | 'int8';
  /** `auto`: CUDA when its provider is installed and agrees with the CPU, else the CPU. */
  readonly device?: 'auto' | 'cpu' | 'gpu';
  /** Windows a run; default: what measured best, see `DEFAULT_BATCH`. */
  readonly batch?: number | undefined;
  /** Cores to use; default, and at most, all. */
  readonly threads?: number | undefined;
}

/**
 * Windows a run. On a CPU each thread's states must stay near its caches, and the matrix kernel takes twelve rows at a
 * time: 24 beat 64 by 1.05 x and 256 by 1.2 x (benchmarks/README.md). A GPU wants many; that figure was not measured on one.
 */
const DEFAULT_BATCH = { fp32: 24, int8: 24, transformer: 32, cuda: 1024 } as const;

/** Predictions a run of a TCN, which scores a stretch of rows at once: its activations stay in a core's cache. */
const SERIES_CHUNK = 1024;

/** Probabilities on CUDA may differ from the CPU's by this much (TF32 and another order of sums) and still be taken as right. */
const CUDA_TOLERANCE = 1e-3;
const CUDA_PROOF_WINDOWS = 64;

/**
 * Makes a model ready to run on ONNX Runtime. One session a core, each on a thread of its own, beats one session over all
 * cores: nothing waits for the slowest part of every step.
 * @throws InputError `bad-onnx`, `int8-unsupported`; SetupError `no-cuda` when a GPU was asked for and does not work
 */
export async function openOnnx(model: Model, options: OnnxEngineOptions): Promise<Scorer> {
  const precision = options.precision ?? 'fp32';
  const device = options.device ?? 'auto';
  const cores = Math.min(options.threads ?? Infinity, availableParallelism());
  if ('architecture' in model && model.architecture.kind === 'tcn' && device !== 'gpu') {
    const pool = await openModel(setupOf(model, options, 'cpu'), model.file, cores, 1);
    const predictions = options.batch ?? SERIES_CHUNK;
    return scorerOf(pool, 'onnx-cpu', precision, (windows, label, control) => scoreSeries(pool, windows, predictions, label, control), model.file);
  }
  if (device === 'gpu' || (device === 'auto' && precision === 'fp32' && cudaProviderInstalled())) {
    const scorer = await openProvenCuda(model, options, device === 'gpu');
    if (scorer !== undefined) return scorer;
  }
  const pool = await openModel(setupOf(model, options, 'cpu'), model.file, cores, 1);
  const fitting = 'architecture' in model && model.architecture.kind === 'transformer' ? DEFAULT_BATCH.transformer : DEFAULT_BATCH[precision];
  return scorerOf(pool, 'onnx-cpu', precision, inBatches(pool, options.batch ?? fitting), model.file);
}

function setupOf(model: Model, options: OnnxEngineOptions, provider: WorkerSetup['provider']): Omit<WorkerSetup, 'threads'> {
  const precision = options.precision ?? 'fp32';
  if (model.format === 'onnx') {
    if (precision === 'int8') {
      throw new InputError(`${model.file} is already a graph: int8 quantizes weights`, { code: 'int8-unsupported', place: { file: model.file }, hint: 'give the .pt or .safetensors, or use --precision fp32' });
    }
    return { model: model.bytes, provider, layout: model.input === 'rows' ? 'rows' : 'batch-first', outputIndex: model.outputIndex };
  }
  if (model.architecture.kind === 'tcn' && precision === 'int8') {
    throw new InputError(`${model.file} is a TCN, which is not quantized`, { code: 'int8-unsupported', place: { file: model.file }, hint: 'use --precision fp32: a TCN scores a whole series at once' });
  }
  const layout = preferredLayout(model.architecture);
  const bytes = buildOnnx(model.architecture, model.weights, { windowLength: inputRows(model.architecture, options.windowLength), layout, precision });
  return { model: bytes, provider, layout, outputIndex: 0 };
}

/** A TCN in this engine takes stretches of any length; other models take windows. */
function inputRows(architecture: Architecture, windowLength: number): number | 'rows' {
  return architecture.kind === 'tcn' ? 'rows' : windowLength;
}

async function openModel(setup: Omit<WorkerSetup, 'threads'>, file: string, workers: number, threads: number): Promise<ScoringPool> {
  try {
    return await openPool(setup, workers, threads);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${file} cannot be loaded by ONNX Runtime: ${reason}`, { code: 'bad-onnx', place: { file }, hint: 'check that the model is whole and its operators are supported', cause });
  }
}

type Score = (windows: Windows, label: string, control: JobControl) => Promise<Float64Array>;

function inBatches(pool: ScoringPool, batch: number): Score {
  return (windows, label, control) => pool.score(windows, batch, label, control);
}

function scorerOf(pool: ScoringPool, engine: string, precision: 'fp32' | 'int8', score: Score, file: string): Scorer {
  return {
    engine,
    precision,
    async score(windows: Windows, control: JobControl = {}) {
      const probability = await score(windows, `scoring ${file}`, control).catch((cause: unknown) => { throw cannotRun(file, cause); });
      const bad = probability.findIndex((p) => !(p >= 0 && p <= 1));
      if (bad >= 0) {
        throw new InputError(`${file} gives ${probability[bad]} for window ${bad}, not a probability`, {
          code: 'not-a-probability',
          place: { file },
          hint: 'its output must be P(up) between 0 and 1: check the model and the scale of its inputs',
        });
      }
      return probability;
    },
    dispose: () => pool.close(),
  };
}

function cannotRun(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name === 'AbortError') return cause;
  const reason = cause.message.trim().replace(/\s*\n\s*/g, ' ');
  return new InputError(`ONNX Runtime cannot run ${file}: ${reason}`, {
    code: 'bad-onnx',
    place: { file },
    hint: 'the model must take any number of windows [batch, time, features] and give one P(up) each; where memory ran out, a smaller --batch helps',
    cause,
  });
}

/** ONNX Runtime's CUDA provider is not in the npm package; it is fetched by its own script when a GPU is there. */
function cudaProviderInstalled(): boolean {
  const packageFile = createRequire(join(projectRoot(), 'package.json')).resolve('onnxruntime-node/package.json');
  return ['napi-v6', 'napi-v3'].some((binding) => existsSync(join(dirname(packageFile), 'bin', binding, process.platform, process.arch, 'libonnxruntime_providers_cuda.so')));
}

/** A CUDA scorer that agreed with the CPU on generated windows; undefined, or an error when `required`, where it did not. */
async function openProvenCuda(model: Model, options: OnnxEngineOptions, required: boolean): Promise<Scorer | undefined> {
  const precision = options.precision ?? 'fp32';
  const refuse = (reason: string, cause?: unknown): undefined => {
    if (!required) return undefined;
    throw new SetupError(`a GPU was asked for, but ONNX Runtime cannot use one: ${reason}`, {
      code: 'no-cuda',
      hint: 'run with --device cpu, or install the CUDA provider: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false',
      cause,
    });
  };
  if (precision === 'int8') return refuse('int8 runs on the CPU only');
  if (!cudaProviderInstalled()) return refuse('its CUDA provider is not installed');
  let cuda: ScoringPool | undefined;
  try {
    cuda = await openPool(setupOf(model, options, 'cuda'), 1, 1);
    const cpu = await openPool(setupOf(model, options, 'cpu'), 1, 1);
    const windows = proofWindows(model, options.windowLength);
    const [onGpu, onCpu] = [await cuda.score(windows, CUDA_PROOF_WINDOWS, 'proving CUDA', {}), await cpu.score(windows, CUDA_PROOF_WINDOWS, 'proving CUDA', {})];
    await cpu.close();
    const difference = onGpu.reduce((largest, p, index) => Math.max(largest, Math.abs(p - onCpu[index])), 0);
    if (!(difference <= CUDA_TOLERANCE)) {
      await cuda.close();
      return refuse(`its probabilities differ from the CPU's by ${difference}`);
    }
    return scorerOf(cuda, 'onnx-cuda', precision, inBatches(cuda, options.batch ?? DEFAULT_BATCH.cuda), model.file);
  } catch (cause) {
    await cuda?.close();
    if (cause instanceof SetupError) throw cause;
    return refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Windows of a fixed wave, to compare two providers on. */
function proofWindows(model: Model, length: number): Windows {
  const featureCount = 'architecture' in model ? model.architecture.inputSize : (model.inputSize ?? 1);
  const rowCount = length + CUDA_PROOF_WINDOWS;
  const rows = Float32Array.from({ length: rowCount * featureCount }, (_, index) => Math.sin(index * 0.7) * 2);
  const ends = Int32Array.from({ length: CUDA_PROOF_WINDOWS }, (_, index) => length - 1 + index);
  return sampleWindows({ rows, rowCount, featureCount, length, ends }, CUDA_PROOF_WINDOWS).windows;
}
