import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTextAtomically } from '../../atomic-file.js';
import { SetupError } from '../../errors.js';
import { lastLines, runProgram } from '../../run-program.js';
import type { ProgramOptions } from '../../run-program.js';

interface KernelSpec {
  readonly argv: readonly string[];
}

/** What a Python says of itself: Jupyter's folders, and the environment it belongs to. */
interface Environment {
  readonly prefix: string;
  readonly userData: string;
  readonly kind: 'VIRTUAL_ENV' | 'CONDA_PREFIX' | null;
}

const ENVIRONMENT = `import json, os, sys
from jupyter_core.paths import jupyter_data_dir
kind = "VIRTUAL_ENV" if sys.prefix != sys.base_prefix else "CONDA_PREFIX" if os.path.isdir(os.path.join(sys.prefix, "conda-meta")) else None
print(json.dumps({"prefix": sys.prefix, "userData": jupyter_data_dir(), "kind": kind}))`;

const USED_SPEC = `from jupyter_client.kernelspec import KernelSpecManager
print(KernelSpecManager().get_kernel_spec("crpbot").resource_dir)`;

/**
 * Registers the kernel with Jupyter, pointing at this project and this Node.js: not a copy, so that an update of the
 * project updates the kernel. TensorFlow is looked for in the environment of `python`, however the kernel is started.
 * What was registered there before is replaced. Returns the file written.
 * @throws SetupError `jupyter-unreadable`, `kernel-shadowed` where Jupyter would start the kernel of another project
 * @throws InputError `cannot-write`
 */
export async function installKernelSpec(python: string, kernelFolder: string, where: 'sys-prefix' | 'user', options: ProgramOptions): Promise<string> {
  const { prefix, userData, kind } = JSON.parse(await ask(python, ENVIRONMENT, options)) as Environment;
  const template = JSON.parse(readFileSync(join(kernelFolder, 'kernel.json'), 'utf8')) as KernelSpec;
  const argv = template.argv.map((part) => (part === 'node' ? process.execPath : part.replace('{resource_dir}', kernelFolder)));
  const spec = { ...template, argv, env: kind === null ? {} : { [kind]: prefix } };
  const file = join(where === 'user' ? userData : join(prefix, 'share/jupyter'), 'kernels/crpbot/kernel.json');
  writeTextAtomically(file, `${JSON.stringify(spec, null, 2)}\n`);

  const used = (await ask(python, USED_SPEC, options)).trim();
  if (startsKernelIn(used, kernelFolder)) return file;
  throw new SetupError(`Jupyter would start the kernel registered in ${used}, which is another project's, before the one in ${file}`, {
    code: 'kernel-shadowed',
    hint: `remove it and run the command again: ${python} -m jupyter kernelspec remove -f crpbot`,
  });
}

async function ask(python: string, code: string, options: ProgramOptions): Promise<string> {
  const end = await runProgram(python, ['-c', code], options);
  if (end.status === 0) return end.output;
  throw new SetupError(`${python} does not say where Jupyter keeps its kernels:\n${lastLines(end.output)}`, { code: 'jupyter-unreadable' });
}

/** Whether a registration starts this project's launcher. */
function startsKernelIn(specFolder: string, kernelFolder: string): boolean {
  try {
    const { argv } = JSON.parse(readFileSync(join(specFolder, 'kernel.json'), 'utf8')) as KernelSpec;
    return argv.some((part) => part.endsWith('launcher.cjs') && realpathSync(part.replace('{resource_dir}', specFolder)) === realpathSync(join(kernelFolder, 'launcher.cjs')));
  } catch {
    // Its launcher is gone, or it is damaged.
    return false;
  }
}

const PROOF = `import { isExpectedError } from 'crpbot/errors';\nconsole.log(isExpectedError(new Error('proof')) ? '' : \`TypeScript runs on Node.js \${process.version}\`);`;

/**
 * Starts the kernel as it is registered and runs one cell that imports from this project. Returns what it printed.
 * @throws SetupError `kernel-failed`
 */
export async function proveKernel(python: string, kernelFolder: string, options: ProgramOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-proof-'));
  try {
    const [notebook, out] = [join(folder, 'proof.ipynb'), join(folder, 'ran.ipynb')];
    const cell = { id: 'proof', cell_type: 'code', source: PROOF, metadata: {}, outputs: [], execution_count: null };
    writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
    const end = await runProgram(python, [join(kernelFolder, 'run_notebook.py'), '--registered', notebook, out], options);
    const said = end.status === 0 ? outputText(out) : '';
    if (said.startsWith('TypeScript runs')) return said.trim();
    throw new SetupError(`the kernel is installed but did not run a cell:\n${lastLines(end.output, 25)}`, {
      code: 'kernel-failed',
      hint: 'see what it says above, and whether node and npm ci work in the project’s folder',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputText(notebook: string): string {
  const { cells } = JSON.parse(readFileSync(notebook, 'utf8')) as { cells: { outputs: { text?: string | string[] }[] }[] };
  return cells.flatMap(({ outputs }) => outputs.map(({ text }) => (typeof text === 'string' ? text : (text ?? []).join('')))).join('');
}
