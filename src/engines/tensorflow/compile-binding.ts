import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../errors.js';
import { projectRoot } from '../../project-root.js';
import { lastLines, runProgram } from '../../run-program.js';
import { BINDING_NAME, bindingSources, cachedBinding, cacheName, fitOf, NODE_API_VERSION, readCached, STANDARD_ERROR_NAME } from './binding-cache.js';
import type { BindingSources, CachedBinding, MadeFrom } from './binding-cache.js';
import { cacheFolder } from './cache-folder.js';
import { LIBRARIES } from './find-tensorflow.js';
import type { InstalledTensorFlow } from './find-tensorflow.js';

export interface CompileOptions {
  readonly projectRoot?: string;
  /** Compiler and first arguments. Default `CXX`, else `g++`. */
  readonly compiler?: string;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Builds begun by this process: two at once must not share a folder. */
let builds = 0;

/**
 * tfjs-node's native module for this TensorFlow: taken from the cache, else compiled (about 10 s). Processes that compile
 * the same at once do not disturb each other: each works in a folder of its own, and one of them is renamed into place.
 * @throws SetupError `compiler-missing`, `compile-failed`, `no-space`, `cache-not-writable`, `npm-packages-missing`
 */
export async function compileBinding(tensorflow: InstalledTensorFlow, options: CompileOptions = {}): Promise<CachedBinding> {
  const { projectRoot: root = projectRoot(), compiler = process.env.CXX ?? 'g++', onLine = () => {}, signal } = options;
  const sources = bindingSources(root);
  const fit = fitOf(tensorflow, sources);
  const cached = cachedBinding(root, fit);
  if (cached !== undefined) return cached;

  const [command = 'g++', ...first] = compiler.trim().split(/\s+/);
  const run = { cwd: root, signal, env: { LC_ALL: 'C' } };
  const asked = await runProgram(command, [...first, '--version'], run);
  if (asked.status !== 0) throw noCompiler(compiler);
  const madeFrom: MadeFrom = { fit, tensorflow: { version: tensorflow.version, folder: tensorflow.folder }, compiler: asked.output.split('\n')[0] ?? compiler };
  const final = join(cacheFolder(root), cacheName(fit, madeFrom.compiler));
  const partial = `${final}.${process.pid}-${(builds += 1)}.partial`;
  onLine(`Compiling the binding against TensorFlow ${tensorflow.version} with ${madeFrom.compiler} (about 10 s)`);
  try {
    makeEmpty(partial);
    for (const [name, args] of compilations(tensorflow, sources)) {
      const end = await runProgram(command, [...first, ...args, '-o', join(partial, name)], run);
      if (end.status !== 0) throw compileError(compiler, end.output);
      if (!existsSync(join(partial, name))) throw compileError(compiler, `${end.output}\nno file was written`);
    }
    writeFileSync(join(partial, 'made-from.json'), `${JSON.stringify(madeFrom, null, 2)}\n`);
    return put(partial, final);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function compilations({ folder }: InstalledTensorFlow, { files, standardError, nodeHeaders, package: tfjs }: BindingSources): [name: string, args: string[]][] {
  const common = ['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NODE_API_VERSION}`, `-I${nodeHeaders}`];
  const link = [`-L${folder}`, ...LIBRARIES.map((name) => `-l:${name}`), `-Wl,-rpath,${folder}`];
  return [
    [STANDARD_ERROR_NAME, [...common, standardError]],
    [BINDING_NAME, [...common, `-I${join(folder, 'include')}`, `-I${tfjs}`, ...files, ...link]],
  ];
}

/** Another process may have put the same there in the meantime; what it put is as good. */
function put(partial: string, final: string): CachedBinding {
  const theirs = readCached(final);
  if (theirs === undefined) {
    rmSync(final, { recursive: true, force: true });
    try {
      renameSync(partial, final);
    } catch (cause) {
      if (readCached(final) === undefined) throw new SetupError(`the compiled binding could not be kept: ${(cause as Error).message}`, { code: 'cache-not-writable', place: { file: final }, cause });
    }
  }
  const put = theirs ?? readCached(final);
  if (put === undefined) throw new SetupError('the compiled binding is gone again', { code: 'cache-not-writable', place: { file: final }, hint: 'run the command again' });
  return put;
}

function makeEmpty(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new SetupError(`cannot write to the cache: ${(cause as Error).message}`, { code: 'cache-not-writable', place: { file: folder }, hint: 'make it writable, or set XDG_CACHE_HOME', cause });
  }
}

function noCompiler(compiler: string): SetupError {
  return new SetupError(`the C++ compiler ${compiler} was not found`, {
    code: 'compiler-missing',
    hint: 'install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; conda: conda install gxx), or name yours in CXX',
  });
}

function compileError(compiler: string, output: string): SetupError {
  if (/No space left on device|Disk quota exceeded/i.test(output)) {
    return new SetupError('no room to compile the binding', { code: 'no-space', hint: 'free about 50 MB in the project’s folder and in TMPDIR' });
  }
  if (/cannot execute.*cc1plus|cc1plus.*No such file/i.test(output)) return noCompiler(compiler);
  return new SetupError(`the binding could not be compiled:\n${lastLines(output)}`, { code: 'compile-failed', hint: 'g++ 9 or newer is needed; CXX names another compiler' });
}
