import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SetupError } from '../../errors.js';
import type { CachedBinding } from './binding-cache.js';
import type { NativeBinding } from './native-ops.js';
import type { Device, Tfjs } from './tensorflow.js';

export interface NativeSettings {
  readonly device: Device;
  readonly threads?: number | undefined;
}

/**
 * Loads `@tensorflow/tfjs-node-gpu` on a compiled binding, from wherever that lies: the package asks
 * `@mapbox/node-pre-gyp` for its path, which is answered here for the moment of loading. node_modules is not changed.
 * @throws SetupError `binding-broken`
 */
export function loadNativeTfjs(binding: CachedBinding, projectRoot: string, settings: NativeSettings): Tfjs {
  const require = createRequire(join(projectRoot, 'package.json'));
  supplyOldUtil(require);
  const ofTfjs = createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  ofTfjs('@mapbox/node-pre-gyp');
  const finder = ofTfjs.cache[ofTfjs.resolve('@mapbox/node-pre-gyp')];
  if (finder === undefined) throw new SetupError('@mapbox/node-pre-gyp is not loaded as expected', { code: 'binding-broken', hint: 'npm ci' });
  const originalExports = finder.exports as unknown;
  const standardError = require(binding.standardError) as { silence(): void; restore(): void };
  const quiet = process.env.TF_CPP_MIN_LOG_LEVEL === undefined;
  const restoreEnvironment = setEnvironment(settings);
  try {
    finder.exports = { find: () => binding.file };
    if (quiet) standardError.silence();
    return require('@tensorflow/tfjs-node-gpu') as Tfjs;
  } catch (cause) {
    throw new SetupError(`the binding to TensorFlow ${binding.madeFrom.tensorflow.version} cannot be loaded: ${(cause as Error).message}`, {
      code: 'binding-broken',
      place: { file: binding.file },
      hint: 'npx crpbot setup tensorflow compiles it again where TensorFlow has changed; where it does not help, delete that file’s folder first',
      cause,
    });
  } finally {
    if (quiet) standardError.restore();
    restoreEnvironment();
    finder.exports = originalExports;
  }
}

/** The native module, once {@link loadNativeTfjs} has loaded it. */
export const nativeBinding = (tf: Tfjs): NativeBinding => (tf.backend() as unknown as { binding: NativeBinding }).binding;

/**
 * TensorFlow reads these when it starts, once. Put back afterwards: a process started later may want a GPU or other
 * threads. In a worker thread `process.env` is a copy that TensorFlow does not see: set them in the main thread there.
 */
export function setEnvironment({ device, threads }: NativeSettings, env: Record<string, string | undefined> = process.env): () => void {
  const wanted: Record<string, string> = {
    TF_CPP_MIN_LOG_LEVEL: env.TF_CPP_MIN_LOG_LEVEL ?? '2',
    TF_FORCE_GPU_ALLOW_GROWTH: env.TF_FORCE_GPU_ALLOW_GROWTH ?? 'true',
    ...(device === 'cpu' && { CUDA_VISIBLE_DEVICES: '-1' }),
    // Kernels of one model follow each other: a second thread that runs kernels side by side has nothing to do.
    ...(threads !== undefined && { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: '1' }),
  };
  const before = Object.keys(wanted).map((name): [string, string | undefined] => [name, env[name]]);
  Object.assign(env, wanted);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
  };
}

/** tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node.js 23 removed. */
function supplyOldUtil(require: NodeJS.Require): void {
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
