import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SetupError } from '../../errors.js';
import type { TensorFlow, Tfjs } from './tensorflow.js';

interface WasmBackend {
  setWasmPaths(folder: string): void;
}

/**
 * tfjs on WebAssembly: works wherever Node.js does, on one thread (tfjs has no threads for it in Node.js).
 * @throws SetupError `npm-packages-missing`, `wasm-broken`
 */
export async function loadWasm(projectRoot: string): Promise<TensorFlow> {
  const require = createRequire(join(projectRoot, 'package.json'));
  let tf: Tfjs;
  try {
    tf = require('@tensorflow/tfjs') as Tfjs;
    const wasm = require('@tensorflow/tfjs-backend-wasm') as WasmBackend;
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`);
  } catch (cause) {
    throw new SetupError('the npm packages @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm are not both installed', { code: 'npm-packages-missing', hint: 'npm ci', cause });
  }
  if (!(await tf.setBackend('wasm'))) throw new SetupError('tfjs could not start its WebAssembly backend', { code: 'wasm-broken', hint: 'npm ci; then npx crpbot doctor' });
  await tf.ready();
  return { tf, backend: 'wasm', device: 'cpu', version: tf.version['tfjs-core'] };
}
