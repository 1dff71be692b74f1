import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path';
import { InputError, SetupError } from '../errors.js';
import { projectRoot } from '../project-root.js';
import { runProgram } from '../run-program.js';
import type { ProgramOptions } from '../run-program.js';
import { kernelPackagesInstalled } from './jupyter/kernel-packages.js';
import { runLab } from './jupyter/lab-server.js';
import { environmentPython } from './jupyter/python-environment.js';

export interface OpenNotebookOptions {
  /** A notebook's file, or the beginning of a name in `notebooks/` (`04`); without it JupyterLab opens on that folder. */
  readonly notebook?: string;
  readonly projectRoot?: string;
  /** A Python that has JupyterLab. Without it `.venv`, else `python3`, else `python`. */
  readonly python?: string;
  /** Without it 8888, or the next that is free. */
  readonly port?: number;
  /** Opens the browser. Default true. */
  readonly browser?: boolean;
  readonly onReady?: (url: string) => void;
  readonly onLine?: (line: string) => void;
  /** Ends JupyterLab and its kernels. */
  readonly signal: AbortSignal;
}

/**
 * Runs JupyterLab on this project's kernel until `signal` fires. The kernel need not be registered.
 * @throws SetupError `jupyterlab-missing`, `jupyterlab-failed`
 * @throws InputError `notebook-missing`, `port-taken`
 */
export async function openNotebook(options: OpenNotebookOptions): Promise<void> {
  const { projectRoot: root = projectRoot(), notebook, port, browser = true, onReady = () => {}, onLine = () => {}, signal } = options;
  const file = notebook === undefined ? undefined : findNotebook(root, notebook);
  const python = await pythonWithLab(root, options.python, { cwd: root, signal });
  if (port !== undefined) await requireFree(port);

  // A notebook that lies elsewhere is opened where it lies, and imports the same.
  const inside = file === undefined || !relative(root, file).startsWith('..');
  const folder = inside ? root : dirname(file);
  const page = file === undefined ? '/lab/tree/notebooks' : `/lab/tree/${relative(folder, file).split(/[\\/]/).map(encodeURIComponent).join('/')}`;
  const args = [
    `--ServerApp.root_dir=${folder}`,
    `--LabApp.default_url=${page}`,
    ...(port === undefined ? [] : [`--ServerApp.port=${port}`, '--ServerApp.port_retries=0']),
    ...(browser ? [] : ['--no-browser']),
    // It listens on this machine only and asks for a token; as root, usual in containers, it would not start.
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
  ];
  const env = {
    CRPBOT_ROOT: root,
    JUPYTER_PATH: [root, process.env.JUPYTER_PATH ?? ''].filter((part) => part !== '').join(delimiter),
    PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
  };
  await runLab(python, args, { env, cwd: folder, onReady, onLine, signal });
}

/**
 * The file meant by a path, or by the beginning of a name in `notebooks/`.
 * @throws InputError `notebook-missing`
 */
export function findNotebook(root: string, given: string): string {
  const path = resolve(given);
  if (path.endsWith('.ipynb') && existsSync(path) && statSync(path).isFile()) return path;
  const folder = join(root, 'notebooks');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ipynb')).sort() : [];
  const meant = names.filter((name) => name === basename(given) || (given !== '' && name.startsWith(given)));
  if (meant.length === 1 && meant[0] !== undefined) return join(folder, meant[0]);
  throw new InputError(meant.length === 0 ? `there is no notebook ${given}` : `${given} may be ${meant.join(' or ')}`, {
    code: 'notebook-missing',
    place: { file: folder },
    hint: names.length === 0 ? 'name a file that ends in .ipynb' : `name a file that ends in .ipynb, or one of ${names.map((name) => name.replace('.ipynb', '')).join(', ')}`,
  });
}

async function pythonWithLab(root: string, given: string | undefined, run: ProgramOptions): Promise<string> {
  const missing = (what: string): SetupError => new SetupError(what, { code: 'jupyterlab-missing', hint: 'npx crpbot setup jupyter' });
  if (!kernelPackagesInstalled(join(root, 'kernels/crpbot'))) throw missing('the kernel’s packages (tslab) are not installed, or not those of its lock file');
  const candidates = given === undefined ? [environmentPython(join(root, '.venv')), 'python3', 'python'] : [given];
  for (const python of candidates) {
    if ((await runProgram(python, ['-c', 'import jupyterlab'], run)).status === 0) return python;
  }
  throw missing(given === undefined ? 'JupyterLab is not installed: not in .venv, and not for python3' : `${given} has no JupyterLab`);
}

/** JupyterLab itself says of a taken port that all ports are. */
async function requireFree(port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    const probe = createServer();
    probe.once('error', () => fail(new InputError(`port ${port} is taken, or not allowed`, { code: 'port-taken', hint: 'another --port; without it the first free one from 8888 is taken' })));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done()));
  });
}
