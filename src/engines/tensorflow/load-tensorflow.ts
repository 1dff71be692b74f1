import { InputError, isExpectedError, SetupError } from '../../errors.js';
import { projectRoot } from '../../project-root.js';
import { provenCudnnTypes } from './check-cudnn-lstm.js';
import { checkGpu, gpuRefusal } from './check-gpu.js';
import { compileBinding } from './compile-binding.js';
import { findTensorFlow } from './find-tensorflow.js';
import { loadNativeTfjs, nativeBinding } from './native-backend.js';
import { loadWasm } from './load-wasm.js';
import { createNativeOps } from './native-ops.js';
import type { NodeBackend } from './native-ops.js';
import type { Device, TensorFlow } from './tensorflow.js';

export interface LoadTensorFlowOptions {
  /** Default `auto`. */
  readonly device?: Device;
  /** Threads of one kernel. Without it TensorFlow takes a thread a core. */
  readonly threads?: number;
  /** `tensorflow`: an error where it is not there. `wasm`: nothing else is tried. Without it TensorFlow, else WASM with a warning. */
  readonly backend?: TensorFlow['backend'];
  /** Looks for TensorFlow in this Python only. */
  readonly python?: string;
  readonly projectRoot?: string;
  /** Receives what the person should know: that training will be slow, that the binding is being compiled. Default stderr. */
  readonly onWarning?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

let loading: Promise<TensorFlow> | undefined;

/**
 * TensorFlow, ready to compute and proved by a small product. Loaded once a process: later calls get the same, and their
 * `threads` changes nothing. Compiles the binding when none fits (about 10 s, once a machine).
 * @throws SetupError `no-gpu`, `gpu-broken`, `wasm-broken`, `npm-packages-missing`; where `backend` or `device` rules WASM
 * out also what `findTensorFlow` and `compileBinding` throw, and `binding-broken`
 * @throws InputError `device-taken` when this process computes on another device or backend already
 */
export async function loadTensorFlow(options: LoadTensorFlowOptions = {}): Promise<TensorFlow> {
  const first = (loading ??= load(options));
  let loaded: TensorFlow;
  try {
    loaded = await first;
  } catch (error) {
    if (loading === first) loading = undefined;
    throw error;
  }
  const { device = 'auto', backend } = options;
  if ((device !== 'auto' && device !== loaded.device) || (backend !== undefined && backend !== loaded.backend)) {
    throw new InputError(`this process computes with ${loaded.backend} on the ${loaded.device} already, and ${backend ?? 'tensorflow'} on ${device} was asked for`, {
      code: 'device-taken',
      hint: 'start another process for another device',
    });
  }
  return loaded;
}

async function load(options: LoadTensorFlowOptions): Promise<TensorFlow> {
  const { device = 'auto', backend, projectRoot: root = projectRoot(), onWarning = printWarning } = options;
  if (backend === 'wasm') {
    if (device === 'gpu') throw new SetupError('WebAssembly has no GPU', { code: 'no-gpu', hint: 'leave the backend or the device out' });
    return prove(await loadWasm(root));
  }
  try {
    return await loadNative({ ...options, projectRoot: root, onWarning });
  } catch (error) {
    if (backend === 'tensorflow' || device === 'gpu' || !isExpectedError(error) || error.code.startsWith('gpu-')) throw error;
    onWarning(`computing with WebAssembly, about 30 times slower at training: ${error.message} (${error.hint ?? 'npx crpbot setup tensorflow'})`);
    return prove(await loadWasm(root));
  }
}

async function loadNative(options: LoadTensorFlowOptions & { readonly projectRoot: string; readonly onWarning: (line: string) => void }): Promise<TensorFlow> {
  const { device = 'auto', threads, projectRoot: root, onWarning, python, signal } = options;
  const installed = findTensorFlow({ python, projectRoot: root });
  const binding = await compileBinding(installed, { projectRoot: root, onLine: onWarning, signal });
  const tf = loadNativeTfjs(binding, root, { device, threads });
  await tf.ready();
  const library = nativeBinding(tf);
  const native = createNativeOps(tf.backend() as unknown as NodeBackend);
  const onGpu = library.isUsingGpuDevice();
  if (onGpu) checkGpu(tf, native);
  else if (device === 'gpu') throw await gpuRefusal(binding);
  const loaded = prove({ tf, backend: 'tensorflow', device: onGpu ? 'gpu' : 'cpu', version: library.TF_Version, native });
  // A way out where cuDNN agrees on a small problem and fails on a large one.
  return onGpu && process.env.CRPBOT_CUDNN_LSTM !== 'off' ? { ...loaded, cudnnLstm: provenCudnnTypes({ ...loaded, native }, onWarning) } : loaded;
}

/** `[[1, 2], [3, 4]] x [5, 6] = [17, 39]`, exact in every precision a GPU may take. */
function prove(loaded: TensorFlow): TensorFlow {
  const { tf } = loaded;
  const product = tf.tidy(() => [...tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6], [2, 1])).dataSync()]);
  if (product.join() === '17,39') return loaded;
  throw new SetupError(`${loaded.backend} ${loaded.version} computes wrongly: [[1, 2], [3, 4]] times [5, 6] gave ${product.join(', ')}`, {
    code: loaded.device === 'gpu' ? 'gpu-broken' : 'binding-broken',
    hint: 'run npx crpbot doctor, and report what it prints',
  });
}

function printWarning(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
