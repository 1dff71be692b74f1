import { bindingSources, cachedBinding, fitOf } from '../../engines/tensorflow/binding-cache.js';
import type { CachedBinding } from '../../engines/tensorflow/binding-cache.js';
import { findTensorFlow } from '../../engines/tensorflow/find-tensorflow.js';
import type { FindOptions, InstalledTensorFlow } from '../../engines/tensorflow/find-tensorflow.js';
import { proveBinding } from '../../engines/tensorflow/prove-binding.js';
import { isExpectedError } from '../../errors.js';
import type { ProgramOptions } from '../../run-program.js';
import { missing, ok } from './check.js';
import type { Check } from './check.js';
import { version } from './machine.js';

const SETUP = 'npx crpbot setup tensorflow';

/** Python, the compiler, TensorFlow, the compiled binding, and what TensorFlow computes on. Nothing is installed or compiled. */
export async function tensorFlowChecks(root: string, find: FindOptions, run: ProgramOptions): Promise<Check[]> {
  const compiler = process.env.CXX ?? 'g++';
  const checks = [
    await version('Python', find.python ?? 'python3', ['--version'], 'Jupyter and TensorFlow are installed with it (Debian, Ubuntu: apt-get install python3 python3-venv)', run),
    await version('C++ compiler', compiler.split(' ')[0] ?? compiler, ['--version'], 'TensorFlow’s binding is compiled with it (Debian, Ubuntu: apt-get install g++)', run),
  ];
  let tensorflow: InstalledTensorFlow;
  try {
    tensorflow = findTensorFlow({ ...find, projectRoot: root });
  } catch (error) {
    return [...checks, refused('TensorFlow', error, 'training runs on WebAssembly, about 30 times slower')];
  }
  checks.push(ok('TensorFlow', `${tensorflow.version}, ${tensorflow.folder} (${tensorflow.origin})`));
  let binding: CachedBinding | undefined;
  try {
    binding = cachedBinding(root, fitOf(tensorflow, bindingSources(root)));
  } catch (error) {
    return [...checks, refused('TensorFlow binding', error)];
  }
  if (binding === undefined) return [...checks, missing('TensorFlow binding', 'none is compiled that fits this TensorFlow', `${SETUP}; else the first training compiles it`)];
  try {
    const { gpu, deviceLog } = await proveBinding(binding, { signal: run.signal });
    const log = deviceLog.length === 0 ? '' : ` (${deviceLog.join('; ')})`;
    return [...checks, ok('TensorFlow binding', `${binding.file}, by ${binding.madeFrom.compiler}`), ok('TensorFlow computes on', `${gpu ? 'the GPU' : 'the CPU'}${log}`)];
  } catch (error) {
    return [...checks, refused('TensorFlow binding', error)];
  }
}

function refused(name: string, error: unknown, consequence?: string): Check {
  if (!isExpectedError(error)) throw error;
  const state = error.code.endsWith('-missing') ? 'missing' : 'broken';
  return { name, state, required: false, found: error.message + (consequence === undefined ? '' : `: ${consequence}`), advice: error.hint ?? SETUP };
}
