import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isExpectedError, SetupError } from '../../errors.js';
import { projectRoot } from '../../project-root.js';
import { rememberedTensorFlow } from './cache-folder.js';

/** A TensorFlow that pip installed, fit to compile against. */
export interface InstalledTensorFlow {
  /** The package's folder: holds both libraries and `include/`. */
  readonly folder: string;
  readonly version: string;
  /** Where it was found, in words. */
  readonly origin: string;
}

export interface FindOptions {
  /** Looks in this Python (command or path) and nowhere else. */
  readonly python?: string | undefined;
  readonly projectRoot?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** The first whose wheel exports the whole C interface and carries headers this binding compiles against. */
const OLDEST: readonly [number, number] = [2, 16];

/**
 * Looks for a pip-installed TensorFlow: in `python` when one is given; else in the active environment (`VIRTUAL_ENV`,
 * `CONDA_PREFIX`), where `crpbot setup tensorflow` found it last, in the project's `.venv`, and in `python3` (Colab's).
 * @throws SetupError `python-missing`, `tensorflow-missing`, `tensorflow-too-old`, `tensorflow-incomplete`, `tensorflow-platform`
 */
export function findTensorFlow(options: FindOptions = {}): InstalledTensorFlow {
  const { python, projectRoot: root = projectRoot(), env = process.env } = options;
  refuseOtherPlatforms();
  if (python !== undefined) {
    const folder = askPython(python, env);
    if (folder === 'no-python') throw new SetupError(`${python} is no Python that runs`, { code: 'python-missing', hint: 'name a Python that runs, or none: npx crpbot setup tensorflow --python PYTHON' });
    if (folder === 'no-tensorflow') throw missing(`${python} has no TensorFlow`, python);
    return inspectTensorFlow(folder, python);
  }
  const places: [origin: string, folder: () => string | undefined][] = [
    ['the active environment (VIRTUAL_ENV)', () => inEnvironment(env.VIRTUAL_ENV)],
    ['the active environment (CONDA_PREFIX)', () => inEnvironment(env.CONDA_PREFIX)],
    ['crpbot setup tensorflow', () => rememberedTensorFlow(root)],
    ['the project’s .venv', () => inEnvironment(join(root, '.venv'))],
    ['python3', () => inPython('python3', env)],
  ];
  let refused: SetupError | undefined;
  for (const [origin, find] of places) {
    const folder = find();
    if (folder === undefined) continue;
    try {
      return inspectTensorFlow(folder, origin);
    } catch (error) {
      if (!isExpectedError(error)) throw error;
      refused ??= error;
    }
  }
  throw refused ?? missing('no TensorFlow was found in an active environment, in .venv or in python3');
}

/**
 * Checks that a `tensorflow` package folder can be compiled against.
 * @throws SetupError `tensorflow-incomplete`, `tensorflow-too-old`
 */
export function inspectTensorFlow(folder: string, origin: string): InstalledTensorFlow {
  const version = packageVersion(dirname(folder));
  const place = { file: folder };
  const hint = 'install a current one: npx crpbot setup tensorflow does so, into .venv';
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? [];
  if (version !== undefined && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    throw new SetupError(`TensorFlow ${version} is too old, ${OLDEST.join('.')} or newer is needed`, { code: 'tensorflow-too-old', place, hint });
  }
  const absent = [...LIBRARIES, 'include/tensorflow/c/eager/c_api.h'].find((name) => !existsSync(join(folder, name)));
  if (absent !== undefined) {
    throw new SetupError(`TensorFlow ${version ?? '(version unknown)'} lacks ${absent}: it is no complete wheel from pip`, { code: 'tensorflow-incomplete', place, hint });
  }
  if (version === undefined) throw new SetupError('TensorFlow does not say which version it is', { code: 'tensorflow-incomplete', place, hint });
  return { folder: realpathSync(folder), version, origin };
}

function missing(message: string, python?: string): SetupError {
  return new SetupError(message, {
    code: 'tensorflow-missing',
    hint: `npx crpbot setup tensorflow installs it into .venv${python === undefined ? '; with --python PYTHON it takes one that has it' : ''}`,
  });
}

function refuseOtherPlatforms(): void {
  const { platform, arch } = process;
  if (platform !== 'linux') throw new SetupError(`TensorFlow is loaded on Linux only, this is ${platform} ${arch}`, { code: 'tensorflow-platform', hint: 'use Linux, WSL 2 or Colab for training at full speed' });
  if (glibcVersion() === undefined) {
    throw new SetupError('TensorFlow’s wheels need glibc, and this Node.js runs on another libc (musl: Alpine)', { code: 'tensorflow-platform', hint: 'use an image with glibc: Debian, Ubuntu (node:22-bookworm)' });
  }
}

/** `2.36`; undefined on another libc (musl). */
export function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}

function inEnvironment(prefix: string | undefined): string | undefined {
  if (prefix === undefined || prefix === '' || !existsSync(join(prefix, 'lib'))) return undefined;
  const pythons = readdirSync(join(prefix, 'lib')).filter((name) => /^python3\.\d+$/.test(name));
  return pythons.map((name) => join(prefix, 'lib', name, 'site-packages/tensorflow')).find((folder) => existsSync(join(folder, '__init__.py')));
}

function inPython(command: string, env: FindOptions['env']): string | undefined {
  const folder = askPython(command, env);
  return folder === 'no-python' || folder === 'no-tensorflow' ? undefined : folder;
}

/** Python is asked where TensorFlow lies without importing it, which would take seconds. */
function askPython(command: string, env: FindOptions['env'] = process.env): string {
  const code = 'import importlib.util as u; s = u.find_spec("tensorflow"); print("found:" + (s.origin if s is not None and s.origin else ""))';
  const end = spawnSync(command, ['-c', code], { encoding: 'utf8', timeout: 60_000, env });
  const said = end.status === 0 ? /^found:(.*)$/m.exec(end.stdout)?.[1] : undefined;
  if (said === undefined) return 'no-python';
  return said === '' ? 'no-tensorflow' : dirname(said);
}

/** Of the package's metadata beside it; the newest where an older one was left behind. */
function packageVersion(sitePackages: string): string | undefined {
  const named = /^(?:tensorflow(?:_\w+)?|tf_nightly(?:_\w+)?)-(\d+\.\d+[^-]*)\.dist-info$/;
  const found = readdirSync(sitePackages).filter((name) => named.test(name) && !/^tensorflow_(?:estimator|io|datasets|hub|text|probability|io_gcs_filesystem|metadata)/.test(name));
  const newest = found.map((name) => ({ name, at: statSync(join(sitePackages, name)).mtimeMs })).sort((a, b) => b.at - a.at)[0];
  return newest === undefined ? undefined : named.exec(newest.name)?.[1];
}
