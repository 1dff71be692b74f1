import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openOnnx } from '../engines/onnx/onnx-engine.js';
import { nvidiaGpus } from '../engines/tensorflow/nvidia.js';
import { SetupError, TemporaryError } from '../errors.js';
import type { Checkpoint, Tensor } from '../models/checkpoint.js';
import type { LstmArchitecture } from '../models/architecture.js';
import { weightShapes } from '../models/weight-shapes.js';
import { projectRoot } from '../project-root.js';
import { createRandom } from '../random.js';
import { lastLines, runProgram } from '../run-program.js';

export interface SetupGpuOptions {
  readonly projectRoot?: string;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface GpuSetup {
  readonly gpus: readonly string[];
  /** The engine that scored the proof. */
  readonly engine: string;
}

/**
 * Fetches ONNX Runtime's CUDA provider with the package's own script (about 300 MB from NuGet), and proves it: a small
 * LSTM must give on the GPU what it gives on the CPU. CUDA 12 and cuDNN 9 must be on the machine. Not measured on a GPU.
 * @throws SetupError `no-gpu`, `gpu-platform`, `cuda-provider-failed`, `no-space`, `no-cuda`; TemporaryError `no-network`
 */
export async function setupGpu(options: SetupGpuOptions = {}): Promise<GpuSetup> {
  const { projectRoot: root = projectRoot(), onLine = () => {}, signal } = options;
  const gpus = nvidiaGpus().map(({ name, memoryMb, driver }) => `${name}, ${memoryMb} MB, driver ${driver}`);
  if (gpus.length === 0) {
    throw new SetupError('no NVIDIA GPU answers (nvidia-smi)', { code: 'no-gpu', hint: 'install NVIDIA’s driver; in Colab: Runtime, Change runtime type, T4 GPU. Everything works without a GPU too' });
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`ONNX Runtime has its CUDA provider for Linux x64 only, this is ${process.platform} ${process.arch}`, { code: 'gpu-platform', hint: 'compute with --device cpu' });
  }
  const onnxRuntime = dirname(createRequire(join(root, 'package.json')).resolve('onnxruntime-node/package.json'));
  if (cudaProvider(onnxRuntime) === undefined) {
    onLine('Fetching ONNX Runtime’s CUDA provider (about 300 MB)');
    const run = { cwd: onnxRuntime, signal, env: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' } };
    const end = await runProgram(process.execPath, [join(onnxRuntime, 'script/install.js')], run);
    if (end.status !== 0 || cudaProvider(onnxRuntime) === undefined) throw installError(end.output);
  }
  onLine('Proving it: a small LSTM on the GPU against the CPU');
  const scorer = await openOnnx(proofModel(), { windowLength: 8, device: 'gpu' });
  await scorer.dispose();
  return { gpus, engine: scorer.engine };
}

/** The file of the CUDA provider, where it is installed. */
export function cudaProvider(onnxRuntime: string): string | undefined {
  return ['napi-v6', 'napi-v3'].map((binding) => join(onnxRuntime, 'bin', binding, process.platform, process.arch, 'libonnxruntime_providers_cuda.so')).find((file) => existsSync(file));
}

function installError(output: string): Error {
  const shown = lastLines(output);
  if (/ENOSPC|No space left/i.test(output)) return new SetupError('no room for ONNX Runtime’s CUDA provider', { code: 'no-space', hint: 'free 1 GB where node_modules lies' });
  if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/i.test(output)) {
    return new TemporaryError(`ONNX Runtime’s CUDA provider could not be downloaded:\n${shown}`, { code: 'no-network', hint: 'check the connection (or the proxy: GLOBAL_AGENT_HTTPS_PROXY) and run the command again' });
  }
  return new SetupError(`ONNX Runtime’s own script could not install its CUDA provider:\n${shown}`, { code: 'cuda-provider-failed', hint: 'see what it says above; --device cpu works without it' });
}

/** Random weights from a fixed seed. */
function proofModel(): Checkpoint {
  const architecture: LstmArchitecture = { kind: 'lstm', inputSize: 4, hiddenSize: 8, layers: 1, bidirectional: true, head: 'final-hidden', headSize: 8, headLayers: ['fc.0', 'fc.3'] };
  const random = createRandom(1);
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of weightShapes(architecture)) {
    const size = shape.reduce((product, length) => product * length, 1);
    weights.set(name, { shape, data: Float32Array.from({ length: size }, () => random() - 0.5) });
  }
  return { architecture, weights, manifest: {}, format: 'safetensors', file: 'a generated model', sha256: '', assumed: [] };
}
