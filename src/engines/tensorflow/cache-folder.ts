import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeTextAtomically } from '../../atomic-file.js';

/** `.cache/tensorflow` of the project; of the person where the project is not writable. */
export function cacheFolder(projectRoot: string): string {
  try {
    accessSync(projectRoot, constants.W_OK);
    return join(projectRoot, '.cache/tensorflow');
  } catch {
    return personalCache();
  }
}

export const personalCache = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'crpbot/tensorflow');

const rememberedFile = (projectRoot: string): string => join(cacheFolder(projectRoot), 'found.json');

/** Lets later commands find the TensorFlow that `setup` was pointed at. */
export function rememberTensorFlow(projectRoot: string, folder: string): void {
  writeTextAtomically(rememberedFile(projectRoot), `${JSON.stringify({ folder })}\n`);
}

/** Its folder, if it is still there. */
export function rememberedTensorFlow(projectRoot: string): string | undefined {
  try {
    const { folder } = JSON.parse(readFileSync(rememberedFile(projectRoot), 'utf8')) as { folder: string };
    return existsSync(join(folder, '__init__.py')) ? folder : undefined;
  } catch {
    return undefined;
  }
}
