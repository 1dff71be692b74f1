import { SetupError } from '../../errors.js';
import type { CachedBinding } from './binding-cache.js';
import { nvidiaGpus } from './nvidia.js';
import { proveBinding } from './prove-binding.js';
import type { NativeOps, Tfjs } from './tensorflow.js';

/** Weights and biases of an LSTM of 2 inputs and 3 units, as cuDNN counts them: 4 gates of (2 + 3) x 3 + 2 x 3. */
const CUDNN_PARAMETERS = 84;

/**
 * Proves that kernels run on the GPU: one that exists for GPUs only must answer, and through it cuDNN.
 * Not measured on a GPU.
 * @throws SetupError `gpu-broken`
 */
export function checkGpu(tf: Tfjs, native: NativeOps): void {
  let size: number | undefined;
  let reason = '';
  try {
    size = tf.tidy(() => {
      const shape = [1, 3, 2].map((count) => tf.scalar(count, 'int32'));
      const attributes = {
        T: { type: 'float32' },
        S: { type: 'int32' },
        rnn_mode: { text: 'lstm' },
        input_mode: { text: 'linear_input' },
        direction: { text: 'unidirectional' },
        dropout: { float: 0 },
        seed: { int: 0 },
        seed2: { int: 0 },
        num_proj: { int: 0 },
      } as const;
      return native.run('CudnnRNNParamsSize', attributes, shape, 1)[0]?.dataSync()[0];
    });
  } catch (error) {
    reason = (error as Error).message;
  }
  if (size !== undefined && size >= CUDNN_PARAMETERS) return;
  throw new SetupError(`TensorFlow took the GPU, but cuDNN does not work on it: ${reason === '' ? `it counts ${String(size)} parameters where there are ${CUDNN_PARAMETERS}` : reason}`, {
    code: 'gpu-broken',
    hint: 'install TensorFlow with its CUDA libraries (npx crpbot setup tensorflow), or compute with --device cpu',
  });
}

/** Why TensorFlow computes on the CPU, from its own log and NVIDIA's driver. */
export async function gpuRefusal(binding: CachedBinding): Promise<SetupError> {
  const gpus = nvidiaGpus();
  const { deviceLog } = await proveBinding(binding);
  const hidden = process.env.CUDA_VISIBLE_DEVICES;
  const { version } = binding.madeFrom.tensorflow;
  const [reason, hint] =
    gpus.length === 0
      ? ['no NVIDIA driver answers (nvidia-smi)', 'use a machine with an NVIDIA GPU (in Colab: Runtime, Change runtime type), or --device cpu']
      : hidden === '' || hidden === '-1'
        ? [`CUDA_VISIBLE_DEVICES=${hidden} hides it`, 'unset CUDA_VISIBLE_DEVICES']
        : deviceLog.length === 0
          ? [`TensorFlow ${version} in ${binding.madeFrom.tensorflow.folder} is built for the CPU only`, 'npx crpbot setup tensorflow --python PYTHON with a Python that has tensorflow[and-cuda], or --device cpu']
          : [deviceLog.join('; '), 'pip install "tensorflow[and-cuda]" into that Python brings the CUDA libraries; see what the reason says, or --device cpu'];
  return new SetupError(`a GPU was asked for, and TensorFlow cannot use one: ${reason}`, { code: 'no-gpu', hint });
}
