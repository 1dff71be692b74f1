import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SetupError } from './errors.js';

/**
 * The project's folder: `CRPBOT_ROOT` (set by the command line and the notebook kernel), else the nearest folder above
 * the current one that holds crpbot's package.json.
 * @throws SetupError `no-project-root`
 */
export function projectRoot(): string {
  const given = process.env.CRPBOT_ROOT;
  if (given !== undefined && given !== '') return given;
  for (let folder = resolve(process.cwd()); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && readPackage(manifest).name === 'crpbot') return folder;
    if (folder === dirname(folder)) break;
  }
  throw new SetupError(`crpbot's folder was not found above ${process.cwd()}`, {
    code: 'no-project-root',
    hint: 'run inside the project, or set CRPBOT_ROOT to its folder',
  });
}

export function projectVersion(): string {
  return readPackage(join(projectRoot(), 'package.json')).version ?? 'unknown';
}

function readPackage(file: string): { readonly name?: string; readonly version?: string } {
  return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
}
