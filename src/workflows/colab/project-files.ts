import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../errors.js';
import type { ArchivedFile } from './tar.js';

/** What runs on Colab: folders and files of the project, and under which name they go there. */
const CARRIED: readonly (readonly [from: string, to: string])[] = [
  ...['bin', 'src', 'kernels/colab', 'kernels/crpbot', 'benchmarks/gpu.ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'environment.yml', 'LICENSE', '.npmrc'].map((path) => [path, path] as const),
  // The sample of the repository is 16 MB: these models are small, and their candles are simulated on the spot.
  ['models/colab-sample', 'models/sample'],
];
const KINDS = /\.(ts|cc|js|cjs|py|json|yml|pt)$|(^|\/)(LICENSE|\.npmrc)$/;
const LEFT_OUT = new Set(['node_modules', '__pycache__']);

/**
 * The files a Colab notebook carries, sorted by path.
 * @throws SetupError `project-incomplete`
 */
export function projectFiles(root: string): ArchivedFile[] {
  return CARRIED.flatMap(([from, to]) => {
    if (!existsSync(join(root, from))) throw new SetupError(`${from} is not in ${root}`, { code: 'project-incomplete', hint: 'restore it from the repository' });
    return filesIn(root, from).map((path) => ({ path: to + path.slice(from.length), content: readFileSync(join(root, path)) }));
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesIn(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return KINDS.test(path) ? [path] : [];
  return readdirSync(join(root, path)).filter((name) => !LEFT_OUT.has(name)).flatMap((name) => filesIn(root, `${path}/${name}`));
}
