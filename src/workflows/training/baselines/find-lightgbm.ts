import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../../errors.js';
import { projectRoot } from '../../../project-root.js';
import { lastLines, runProgram } from '../../../run-program.js';

/** A Python that has LightGBM. */
export interface LightGbmPython {
  readonly command: string;
  readonly version: string;
}

export interface FindLightGbmOptions {
  /** Looks in this Python (command or path) and nowhere else. */
  readonly python?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export const LIGHTGBM_PACKAGES = ['lightgbm', 'numpy'] as const;

/**
 * Looks for a Python with LightGBM: `python` when one is given; else the active environment's (`VIRTUAL_ENV`,
 * `CONDA_PREFIX`), that of the project's `.venv`, `python3`, `python`.
 * @throws SetupError `lightgbm-missing`, `python-missing`
 */
export async function findLightGbm({ python, env = process.env, signal }: FindLightGbmOptions = {}): Promise<LightGbmPython> {
  const environments = [env.VIRTUAL_ENV, env.CONDA_PREFIX, join(projectRoot(), '.venv')].flatMap((folder) => (folder === undefined || folder === '' ? [] : [join(folder, 'bin/python')])).filter((path) => existsSync(path));
  const commands = python === undefined ? [...environments, 'python3', 'python'] : [python];
  let without: string | undefined;
  let said = '';
  for (const command of commands) {
    const { status, output } = await runProgram(command, ['-c', 'import sys; print("python"); import lightgbm, numpy; print("found:" + lightgbm.__version__)'], { cwd: projectRoot(), signal });
    const version = /^found:(\S+)$/m.exec(output)?.[1];
    if (status === 0 && version !== undefined) return { command, version };
    if (!/^python$/m.test(output)) continue;
    if (without === undefined) said = lastLines(output, 1);
    without ??= command;
  }
  if (without === undefined) {
    throw new SetupError(`no Python was found that runs (${commands.join(', ')})`, { code: 'python-missing', hint: 'install Python 3, or name one with --python; --model logistic needs none' });
  }
  throw new SetupError(`${without} has no LightGBM (${said})`, {
    code: 'lightgbm-missing',
    hint: `install it there: ${without} -m pip install ${LIGHTGBM_PACKAGES.join(' ')}; or name a Python that has it with --python; --model logistic needs none`,
  });
}
