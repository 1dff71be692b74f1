import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadTensorFlow } from '../../../src/engines/tensorflow/load-tensorflow.js';
import { setEnvironment } from '../../../src/engines/tensorflow/native-backend.js';
import { nvidiaGpus } from '../../../src/engines/tensorflow/nvidia.js';
import { deviceLines } from '../../../src/engines/tensorflow/prove-binding.js';
import type { TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import { describeWithTensorFlow, projectRoot } from '../../support/requirements.js';

/** What a process of its own prints that loads TensorFlow, on either stream. */
function inAnotherProcess(options: object, code = '', env: Record<string, string> = {}): string {
  const script = `
    import { loadTensorFlow } from ${JSON.stringify(join(projectRoot, 'src/engines/tensorflow/load-tensorflow.ts'))};
    import { readdirSync } from 'node:fs';
    const { tf, backend, device, native } = await loadTensorFlow(${JSON.stringify(options)}).catch((error) => { console.log('REFUSED', error.name, error.code, error.message); process.exit(0); });
    console.log(backend, device);
    ${code}`;
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-load-'));
  try {
    writeFileSync(join(folder, 'load.mts'), script);
    const command = [process.execPath, join(projectRoot, 'bin/tsx.js'), join(folder, 'load.mts')];
    return execFileSync('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command], { cwd: projectRoot, encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined, ...env } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWithTensorFlow('TensorFlow under tfjs-node', () => {
  let loaded: TensorFlow;
  beforeAll(async () => {
    // As on Node.js 23 and newer.
    const util = createRequire(import.meta.url)('node:util') as { isNullOrUndefined?: unknown };
    delete util.isNullOrUndefined;
    loaded = await loadTensorFlow({ backend: 'tensorflow' });
  });

  it('is loaded once a process, and says what it is', async () => {
    expect(loaded).toMatchObject({ backend: 'tensorflow', version: expect.stringMatching(/^2\.\d+\.\d+/) as string });
    expect(await loadTensorFlow({ threads: 1 })).toBe(loaded);
    await expect(loadTensorFlow({ backend: 'wasm' })).rejects.toMatchObject({ name: 'InputError', code: 'device-taken' });
  });

  it('computes what tfjs-node needs an old function of Node.js for', () => {
    const { tf } = loaded;
    expect([...tf.tidy(() => tf.topk(tf.tensor1d([3, 1, 2]), 2).values.dataSync())]).toEqual([3, 2]);
  });

  it('runs kernels by name, with attributes of every kind', () => {
    const { tf, native } = loaded;
    const difference = tf.tidy(() => {
      const input: Tensor4D = tf.randomNormal([1, 9, 9, 2], 0, 1, 'float32', 1);
      const filter: Tensor4D = tf.randomNormal([2, 2, 2, 3], 0, 1, 'float32', 2);
      const attributes = {
        T: { type: 'float32' },
        strides: { ints: [1, 1, 1, 1] },
        use_cudnn_on_gpu: { bool: true },
        padding: { text: 'VALID' },
        explicit_paddings: { ints: [] },
        data_format: { text: 'NHWC' },
        dilations: { ints: [1, 2, 2, 1] },
      } as const;
      const [ours] = native!.run('Conv2D', attributes, [input, filter], 1);
      return tf.max(tf.abs(tf.sub(ours, tf.conv2d(input, filter, 1, 'valid', 'NHWC', 2)))).dataSync()[0];
    });
    expect(difference).toBeLessThan(1e-6);
    const [rows, stopped] = tf.tidy(() => {
      const [leaky] = native!.run('LeakyRelu', { T: { type: 'float32' }, alpha: { float: 0.25 } }, [tf.tensor1d([-4, 4])], 1);
      const [first, second] = native!.run('Split', { T: { type: 'float32' }, num_split: { int: 2 } }, [tf.scalar(0, 'int32'), leaky], 2);
      return [[...first.dataSync()], [...second.dataSync()]];
    });
    expect([rows, stopped]).toEqual([[-1], [4]]);
  });

  it('hands int64 on without a word, and leaks nothing', () => {
    const { tf, native } = loaded;
    const said: unknown[] = [];
    const warn = vi.spyOn(console, 'warn').mockImplementation((line: unknown) => void said.push(line));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const [wide] = native!.run('Cast', { SrcT: { type: 'int32' }, DstT: { type: 'int64' }, Truncate: { bool: false } }, [tf.scalar(7, 'int32')], 1);
      const [back] = native!.run('Cast', { SrcT: { type: 'int64' }, DstT: { type: 'int32' }, Truncate: { bool: false } }, [wide], 1);
      expect([...back.dataSync()]).toEqual([7]);
    });
    warn.mockRestore();
    expect(tf.memory().numTensors).toBe(before);
    expect(said).toEqual([]);
  });

  it('prints nothing while it loads, unless TF_CPP_MIN_LOG_LEVEL asks for it', () => {
    expect(inAnotherProcess({ device: 'cpu' })).toBe('tensorflow cpu\n');
    expect(inAnotherProcess({ device: 'cpu' }, '', { TF_CPP_MIN_LOG_LEVEL: '0' })).toMatch(/cpu_feature_guard|oneDNN/);
  });

  it('takes as many threads as it is told', () => {
    // Eigen names its pools; a pool of n - 1 helps the thread that asks.
    const work = `tf.matMul(tf.ones([600, 600]), tf.ones([600, 600])).dataSync(); console.log(readdirSync('/proc/self/task').length);`;
    const count = (threads: number) => Number(inAnotherProcess({ device: 'cpu', threads }, work).trim().split('\n').at(-1));
    const [one, four] = [count(1), count(4)];
    expect(four - one).toBeGreaterThanOrEqual(3);
  });

  it('refuses a GPU that is not there, saying why', () => {
    if (nvidiaGpus().length === 0) expect(inAnotherProcess({ device: 'gpu' })).toMatch(/^REFUSED SetupError no-gpu a GPU was asked for.*nvidia-smi/);
    else expect(inAnotherProcess({ device: 'gpu' }, '', { CUDA_VISIBLE_DEVICES: '-1' })).toMatch(/^REFUSED SetupError no-gpu.*CUDA_VISIBLE_DEVICES=-1/);
  });
});

describe('without TensorFlow', () => {
  const nowhere = join(projectRoot, 'no-such-python');

  it('computes on WebAssembly, and says once how much slower that is and what to do', () => {
    const said = inAnotherProcess({ python: nowhere }, 'console.log(String(tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync()), native);').trim().split('\n');
    expect(said).toHaveLength(3);
    expect(said[0]).toMatch(/^warning: computing with WebAssembly, about 30 times slower at training: .*no-such-python.*--python/);
    expect(said.slice(1)).toEqual(['wasm cpu', '3,3 undefined']);
  });

  it('is an error where WebAssembly is ruled out', () => {
    expect(inAnotherProcess({ python: nowhere, backend: 'tensorflow' })).toMatch(/^REFUSED SetupError python-missing/);
    expect(inAnotherProcess({ python: nowhere, device: 'gpu' })).toMatch(/^REFUSED SetupError python-missing/);
    expect(inAnotherProcess({ backend: 'wasm', device: 'gpu' })).toMatch(/^REFUSED SetupError no-gpu/);
  });
});

describe('what TensorFlow is told', () => {
  it('is put back, so that a process started later may want otherwise', () => {
    const env: Record<string, string | undefined> = { CUDA_VISIBLE_DEVICES: '0', TF_CPP_MIN_LOG_LEVEL: '1' };
    const restore = setEnvironment({ device: 'cpu', threads: 2 }, env);
    expect(env).toEqual({ CUDA_VISIBLE_DEVICES: '-1', TF_CPP_MIN_LOG_LEVEL: '1', TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_NUM_INTRAOP_THREADS: '2', TF_NUM_INTEROP_THREADS: '1' });
    restore();
    expect(env).toEqual({ CUDA_VISIBLE_DEVICES: '0', TF_CPP_MIN_LOG_LEVEL: '1' });
  });

  it('is answered in its log: the lines on devices are kept', () => {
    const log = [
      'I0000 00:00:1700000000.1 77 port.cc:153] oneDNN custom operations are on.',
      '2026-01-01 00:00:00.1: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2348] Cannot dlopen some GPU libraries.',
      '2026-01-01 00:00:00.2: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2348] Cannot dlopen some GPU libraries.',
      'E0000 00:00:1700000000.3 77 cuda_platform.cc:51] failed call to cuInit: INTERNAL: CUDA error',
      'cuda is mentioned here by someone else',
    ].join('\n');
    expect(deviceLines(log)).toEqual(['Cannot dlopen some GPU libraries.', 'failed call to cuInit: INTERNAL: CUDA error']);
  });
});
