import { join } from 'node:path';
import { projectRoot } from '../project-root.js';
import { installKernelPackages } from './jupyter/kernel-packages.js';
import { installKernelSpec, proveKernel } from './jupyter/kernel-spec.js';
import { findPython, makeVirtualEnvironment, pipInstall, pipRequirements } from './jupyter/python-environment.js';

export interface SetupJupyterOptions {
  /** The project's folder. */
  readonly projectRoot?: string;
  /** A Python 3.10 or newer: command or path. Without it `python3`, else `python`. */
  readonly python?: string;
  /**
   * `venv`: everything into `.venv` of the project. `sys-prefix`: into the environment `python` belongs to (conda).
   * `user`: the kernel for every Jupyter of this user, the packages into the environment of `python`, else into `.venv`.
   */
  readonly location?: 'venv' | 'sys-prefix' | 'user';
  /** What is being done, a line a step. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface JupyterSetup {
  /** The Python that Jupyter was installed into. */
  readonly python: string;
  /** The kernel's registration. */
  readonly kernelSpec: string;
  /** What the proof printed. */
  readonly proof: string;
  /** Command that opens the notebooks, run in the project's folder. */
  readonly open: string;
}

/**
 * Installs Jupyter and the TypeScript kernel, and proves it by running a cell. May be run again at any time: what is
 * there already is kept.
 * @throws SetupError `python-missing`, `python-too-old`, `python-managed`, `venv-missing`, `pip-failed`, `npm-missing`,
 * `npm-failed`, `kernel-failed`, `kernel-shadowed`, `jupyter-unreadable`, `environment-unreadable`
 * @throws TemporaryError `no-network`
 * @throws InputError `cannot-write`
 */
export async function setupJupyter(options: SetupJupyterOptions = {}): Promise<JupyterSetup> {
  const { projectRoot: root = projectRoot(), location = 'venv', onLine = () => {}, signal } = options;
  const run = { cwd: root, signal };
  const kernelFolder = join(root, 'kernels/crpbot');
  const requirements = pipRequirements(root).filter((requirement) => !requirement.startsWith('tensorflow'));

  const find = (): Promise<string> => findPython(options.python, run);
  const own = location === 'venv' || (location === 'user' && options.python === undefined);
  const python = own ? await makeVirtualEnvironment(join(root, '.venv'), find, run) : await find();
  onLine(`Installing ${requirements.join(', ')} into ${python}`);
  await pipInstall(python, requirements, run);
  onLine('Installing the TypeScript kernel (tslab)');
  await installKernelPackages(kernelFolder, run);
  const kernelSpec = await installKernelSpec(python, kernelFolder, location === 'user' ? 'user' : 'sys-prefix', run);
  onLine(`Registered the kernel "TypeScript (crpbot)" in ${kernelSpec}`);
  const proof = await proveKernel(python, kernelFolder, run);
  onLine(`Proved it: ${proof}`);
  return { python, kernelSpec, proof, open: own ? 'npx crpbot notebook' : `npx crpbot notebook --python ${python}` };
}
