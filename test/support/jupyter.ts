import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './requirements.js';

export const kernelFolder = join(projectRoot, 'kernels/crpbot');

/** A Python that can run notebooks on a kernel with its packages installed (`npx crpbot setup jupyter`), else undefined. */
export const jupyterPython: string | undefined = existsSync(join(kernelFolder, 'node_modules/tslab')) ? findPython() : undefined;

export const jupyterMissing = 'Jupyter is not installed; run npx crpbot setup jupyter';

function findPython(): string | undefined {
  return [process.env.CRPBOT_PYTHON, join(projectRoot, '.venv/bin/python'), 'python3'].find((python) => {
    try {
      if (python === undefined) return false;
      execFileSync(python, ['-c', 'import nbclient, jupyter_client'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
