import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { KernelSession } from './kernel-session.js';

/** How long the package takes to load, which no cell can hurry. */
const LOADING_MS = 4000;
const IMPORT = "import { price } from 'crpbot/price';\nprice()";

/** A project whose `src` needs a package that loads slowly. */
function makeProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'crpbot-slow-'));
  const slow = join(root, 'node_modules/slow-package');
  mkdirSync(slow, { recursive: true });
  mkdirSync(join(root, 'src'));
  cpSync(join(projectRoot, 'package.json'), join(root, 'package.json'));
  for (const name of ['@types', 'undici-types']) symlinkSync(join(projectRoot, 'node_modules', name), join(root, 'node_modules', name));
  writeFileSync(join(slow, 'package.json'), '{ "name": "slow-package", "version": "1.0.0", "type": "module", "exports": "./index.js" }');
  writeFileSync(join(slow, 'index.d.ts'), 'export const factor: number;\n');
  writeFileSync(join(slow, 'index.js'), `await new Promise((resolve) => setTimeout(resolve, ${LOADING_MS}));\nexport const factor = 10;\n`);
  writeFileSync(join(root, 'src/rate.ts'), 'export const rate: number = 2;\n');
  writeFileSync(join(root, 'src/price.ts'), "import { factor } from 'slow-package';\nimport { rate } from './rate.js';\n\nexport const price = (): number => factor * rate;\n");
  return root;
}

describeWhen(jupyterPython !== undefined, 'an interrupt of the first cell that imports a module', jupyterMissing, () => {
  let root: string;
  let kernel: KernelSession;
  beforeEach(async () => {
    root = makeProject();
    kernel = await KernelSession.start(tmpdir(), root);
  });
  afterEach(async () => {
    await kernel.stop();
    rmSync(root, { recursive: true });
  });

  it.each([0.02, 0.4, 2])('after %d s returns at once, and the next cell imports it', async (interruptAfter) => {
    const interrupted = await kernel.run(IMPORT, { interruptAfter });
    expect(interrupted).toMatchObject({ status: 'error', error: { ename: 'KeyboardInterrupt' } });
    expect(interrupted.seconds).toBeLessThan(interruptAfter + 2);
    expect(await kernel.run(IMPORT)).toMatchObject({ error: null, stdout: '20\n' });
  });
});
