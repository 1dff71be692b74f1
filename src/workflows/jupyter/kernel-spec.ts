import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTextAtomically } from '../../atomic-file.js';
import { SetupError } from '../../errors.js';
import { lastLines, runProgram } from '../../run-program.js';
import type { ProgramOptions } from '../../run-program.js';

interface KernelSpec {
  readonly argv: readonly string[];
}

/**
 * Registers the kernel with Jupyter, pointing at this project and this Node.js: not a copy, so that an update of the
 * project updates the kernel. Returns the file written.
 * @throws SetupError `jupyter-unreadable`
 * @throws InputError `cannot-write`
 */
export async function installKernelSpec(python: string, kernelFolder: string, where: 'sys-prefix' | 'user', options: ProgramOptions): Promise<string> {
  const code =
    where === 'user' ? 'from jupyter_core.paths import jupyter_data_dir as d; print(d())' : 'import sys, os; print(os.path.join(sys.prefix, "share", "jupyter"))';
  const end = await runProgram(python, ['-c', code], options);
  if (end.status !== 0) throw new SetupError(`${python} does not say where Jupyter keeps its kernels:\n${lastLines(end.output)}`, { code: 'jupyter-unreadable' });
  const template = JSON.parse(readFileSync(join(kernelFolder, 'kernel.json'), 'utf8')) as KernelSpec;
  const argv = template.argv.map((part) => (part === 'node' ? process.execPath : part.replace('{resource_dir}', kernelFolder)));
  const file = join(end.output.trim(), 'kernels/crpbot/kernel.json');
  writeTextAtomically(file, `${JSON.stringify({ ...template, argv }, null, 2)}\n`);
  return file;
}

const PROOF = `import { isExpectedError } from 'crpbot/errors';\nconsole.log(isExpectedError(new Error('proof')) ? '' : \`TypeScript runs on Node.js \${process.version}\`);`;

/**
 * Starts the kernel and runs one cell that imports from this project. Returns what it printed.
 * @throws SetupError `kernel-failed`
 */
export async function proveKernel(python: string, kernelFolder: string, options: ProgramOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-proof-'));
  try {
    const [notebook, out] = [join(folder, 'proof.ipynb'), join(folder, 'ran.ipynb')];
    const cell = { id: 'proof', cell_type: 'code', source: PROOF, metadata: {}, outputs: [], execution_count: null };
    writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
    const end = await runProgram(python, [join(kernelFolder, 'run_notebook.py'), notebook, out], options);
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
