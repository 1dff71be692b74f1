import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SetupError } from '../../errors.js';
import { cacheFolder, personalCache } from './cache-folder.js';
import type { InstalledTensorFlow } from './find-tensorflow.js';

/** What a compiled binding was made from; kept beside it as `made-from.json`. */
export interface MadeFrom {
  /** Hash of all that decides whether it fits: sources, TensorFlow, Node-API version, processor. */
  readonly fit: string;
  readonly tensorflow: { readonly version: string; readonly folder: string };
  readonly compiler: string;
}

export interface CachedBinding {
  /** tfjs-node's native module. */
  readonly file: string;
  /** The small module that keeps TensorFlow quiet while it loads. */
  readonly standardError: string;
  readonly madeFrom: MadeFrom;
}

/** Sources of the native module, and where its headers lie. */
export interface BindingSources {
  readonly package: string;
  readonly files: readonly string[];
  /** Source of the small module beside it. */
  readonly standardError: string;
  readonly nodeHeaders: string;
}

export const NODE_API_VERSION = 8;
export const BINDING_NAME = 'tfjs_binding.node';
export const STANDARD_ERROR_NAME = 'standard_error.node';

/**
 * The sources that `@tensorflow/tfjs-node-gpu` carries, and one of this project.
 * @throws SetupError `npm-packages-missing`
 */
export function bindingSources(projectRoot: string): BindingSources {
  const require = createRequire(join(projectRoot, 'package.json'));
  try {
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    const nodeHeaders = (require('node-api-headers') as { include_dir: string }).include_dir;
    const files = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(folder, 'binding', name));
    return { package: folder, files, standardError: join(projectRoot, 'src/engines/tensorflow/standard_error.cc'), nodeHeaders };
  } catch (cause) {
    throw new SetupError('the npm packages @tensorflow/tfjs-node-gpu and node-api-headers are not both installed', { code: 'npm-packages-missing', hint: 'npm ci', cause });
  }
}

/** Hash of all that decides whether a compiled binding fits. */
export function fitOf(tensorflow: InstalledTensorFlow, sources: BindingSources): string {
  const hash = createHash('sha256');
  const headers = readdirSync(join(sources.package, 'binding')).filter((name) => name.endsWith('.h')).sort();
  for (const file of [...sources.files, sources.standardError, ...headers.map((name) => join(sources.package, 'binding', name))]) hash.update(readFileSync(file)).update('\0');
  const library = statSync(join(tensorflow.folder, 'libtensorflow_cc.so.2')).size;
  return hash.update([tensorflow.folder, tensorflow.version, library, `napi ${NODE_API_VERSION}`, process.platform, process.arch].join('\0')).digest('hex').slice(0, 24);
}

/** The folder's name: what it fits, and what compiled it. */
export function cacheName(fit: string, compiler: string): string {
  return createHash('sha256').update(`${fit}\0${compiler}`).digest('hex').slice(0, 24);
}

/** A binding compiled earlier that fits; the newest of several. */
export function cachedBinding(projectRoot: string, fit: string): CachedBinding | undefined {
  const found: { binding: CachedBinding; at: number }[] = [];
  for (const cache of new Set([cacheFolder(projectRoot), personalCache()])) {
    for (const name of existsSync(cache) ? readdirSync(cache) : []) {
      const binding = readCached(join(cache, name));
      if (!name.endsWith('.partial') && binding?.madeFrom.fit === fit) found.push({ binding, at: statSync(binding.file).mtimeMs });
    }
  }
  return found.sort((a, b) => b.at - a.at)[0]?.binding;
}

/** What lies in a folder of the cache; undefined where it is not whole. */
export function readCached(folder: string): CachedBinding | undefined {
  const [file, standardError] = [join(folder, BINDING_NAME), join(folder, STANDARD_ERROR_NAME)];
  if (!existsSync(file) || !existsSync(standardError)) return undefined;
  try {
    return { file, standardError, madeFrom: JSON.parse(readFileSync(join(folder, 'made-from.json'), 'utf8')) as MadeFrom };
  } catch {
    return undefined;
  }
}
