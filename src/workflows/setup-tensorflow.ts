import { join } from 'node:path';
import { rememberTensorFlow } from '../engines/tensorflow/cache-folder.js';
import { compileBinding } from '../engines/tensorflow/compile-binding.js';
import { findTensorFlow } from '../engines/tensorflow/find-tensorflow.js';
import type { InstalledTensorFlow } from '../engines/tensorflow/find-tensorflow.js';
import { nvidiaGpus } from '../engines/tensorflow/nvidia.js';
import { proveBinding } from '../engines/tensorflow/prove-binding.js';
import { isExpectedError, SetupError } from '../errors.js';
import { projectRoot } from '../project-root.js';
import type { ProgramOptions } from '../run-program.js';
import { findPython, makeVirtualEnvironment, pipInstall, pipRequirements } from './jupyter/python-environment.js';

export interface SetupTensorFlowOptions {
  readonly projectRoot?: string;
  /** Where TensorFlow is looked for, and nowhere else; where it has none, what `.venv` is made with. */
  readonly python?: string;
  /** What is being done, a line a step. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface TensorFlowSetup {
  readonly version: string;
  readonly folder: string;
  readonly binding: string;
  readonly device: 'cpu' | 'gpu';
  /** The GPUs that NVIDIA's driver lists, or why TensorFlow took none. */
  readonly devices: readonly string[];
}

/**
 * Finds TensorFlow or installs it into the project's `.venv`, compiles tfjs-node's binding against it and proves it by a
 * product. May be run again at any time: what is there already is kept.
 * @throws SetupError as `findTensorFlow`, `compileBinding`, `proveBinding`; `venv-missing`, `pip-failed`, `environment-unreadable`
 * @throws TemporaryError `no-network`
 */
export async function setupTensorFlow(options: SetupTensorFlowOptions = {}): Promise<TensorFlowSetup> {
  const { projectRoot: root = projectRoot(), python, onLine = () => {}, signal } = options;
  const installed = await findOrInstall(root, python, onLine, { cwd: root, signal });
  onLine(`TensorFlow ${installed.version} in ${installed.folder} (${installed.origin})`);
  const binding = await compileBinding(installed, { projectRoot: root, onLine, signal });
  const proof = await proveBinding(binding, { signal });
  rememberTensorFlow(root, installed.folder);
  onLine(`Proved it: TensorFlow ${proof.version} multiplied two matrices from Node.js ${process.version}`);
  const gpus = nvidiaGpus().map(({ name, memoryMb, driver }) => `${name}, ${memoryMb} MB, driver ${driver}`);
  const devices = proof.gpu ? gpus : [...gpus, ...proof.deviceLog];
  return { version: proof.version, folder: installed.folder, binding: binding.file, device: proof.gpu ? 'gpu' : 'cpu', devices };
}

async function findOrInstall(root: string, python: string | undefined, onLine: (line: string) => void, run: ProgramOptions): Promise<InstalledTensorFlow> {
  try {
    return findTensorFlow({ python, projectRoot: root });
  } catch (error) {
    if (!isExpectedError(error) || !REPLACEABLE.has(error.code)) throw error;
    onLine(`${error.message}: installing one into .venv`);
  }
  const requirement = tensorFlowRequirement(pipRequirements(root), nvidiaGpus().length > 0);
  const own = await makeVirtualEnvironment(join(root, '.venv'), () => findPython(python, run), run);
  onLine(`Installing ${requirement} into ${own} (270 MB, with CUDA 3 GB)`);
  await pipInstall(own, [requirement], run);
  return findTensorFlow({ python: own, projectRoot: root });
}

/** Found, but of no use: a good one beside it helps. */
const REPLACEABLE = new Set(['tensorflow-missing', 'tensorflow-too-old', 'tensorflow-incomplete']);

/**
 * The line of environment.yml (`tensorflow[and-cuda]==2.21.0`), or the CPU's wheel of the same version.
 * @throws SetupError `environment-unreadable`
 */
export function tensorFlowRequirement(requirements: readonly string[], gpu: boolean): string {
  const found = requirements.find((requirement) => requirement.startsWith('tensorflow'));
  const version = found === undefined ? undefined : /==(.+)$/.exec(found)?.[1];
  if (found === undefined || version === undefined) {
    throw new SetupError('environment.yml names no version of TensorFlow', { code: 'environment-unreadable', hint: 'restore environment.yml from the repository' });
  }
  if (gpu) return found;
  // There is no tensorflow-cpu for ARM; the plain wheel computes on the CPU there.
  return `${process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${version}`;
}
