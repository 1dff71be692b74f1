import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython, kernelFolder } from '../support/jupyter.js';
import { KernelSession } from './kernel-session.js';

const IMPORT = "import { CANDLE_COLUMNS } from 'crpbot/candles/candles';\nconsole.log(CANDLE_COLUMNS.length, process.cwd(), process.env.CRPBOT_ROOT);";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isGoneWithin(pid: number, seconds: number): Promise<boolean> {
  for (let tries = 0; tries < seconds * 10 && isAlive(pid); tries++) await wait(100);
  return !isAlive(pid);
}

describeWhen(jupyterPython !== undefined, 'starting and ending the kernel', jupyterMissing, () => {
  it.each(['notebooks', 'outside'])('imports are the same from %s', async (where) => {
    const outside = mkdtempSync(join(tmpdir(), 'crpbot-elsewhere-'));
    const kernel = await KernelSession.start(where === 'notebooks' ? join(projectRoot, 'notebooks') : outside);
    expect(await kernel.run(IMPORT)).toMatchObject({ error: null, stdout: `5 ${projectRoot} ${projectRoot}\n` });
    await kernel.stop();
    rmSync(outside, { recursive: true });
  });

  it('ends when told to', async () => {
    const kernel = await KernelSession.start(tmpdir());
    await kernel.stop();
    expect(await isGoneWithin(kernel.pid, 3)).toBe(true);
  });

  it.each(['await new Promise(() => setTimeout(() => {}, 60_000));', 'for (;;);'])('ends when its parent is gone, while it runs %s', async (code) => {
    const kernel = await KernelSession.start(tmpdir());
    kernel.leaveRunning(code);
    await wait(500);
    kernel.killParent();
    const gone = await isGoneWithin(kernel.pid, 5);
    if (!gone) process.kill(kernel.pid, 'SIGKILL');
    expect(gone).toBe(true);
  });

  it('the root project keeps its own TypeScript', () => {
    const version = execFileSync(process.execPath, [join(projectRoot, 'node_modules/typescript/bin/tsc'), '--version'], { encoding: 'utf8' });
    expect(version).toMatch(/Version 5\.9/);
  });
});

describe('the launcher', () => {
  /** Its files alone, in a folder of their own. */
  function copyOfLauncher(): string {
    const folder = mkdtempSync(join(tmpdir(), 'crpbot-launcher-'));
    for (const name of readdirSync(kernelFolder).filter((file) => file.endsWith('.cjs'))) copyFileSync(join(kernelFolder, name), join(folder, name));
    return folder;
  }
  function launch(folder: string) {
    const env = { ...process.env };
    delete env.CRPBOT_ROOT;
    return spawnSync(process.execPath, [join(folder, 'launcher.cjs'), 'none.json'], { encoding: 'utf8', cwd: folder, env });
  }

  it('says what to do when it stands in no project', () => {
    const folder = copyOfLauncher();
    expect(launch(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining('set CRPBOT_ROOT to the project') as string });
    rmSync(folder, { recursive: true });
  });

  it.each(['1.0.15', '2.0.0'])('says what to do when tslab %s lies there: only the one it was made for will do', (version) => {
    const folder = copyOfLauncher();
    copyFileSync(join(projectRoot, 'package.json'), join(folder, 'package.json'));
    mkdirSync(join(folder, 'node_modules/tslab'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/tslab/package.json'), JSON.stringify({ name: 'tslab', version }));
    const wanted = (JSON.parse(readFileSync(join(kernelFolder, 'package.json'), 'utf8')) as { dependencies: { tslab: string } }).dependencies.tslab;
    expect(launch(folder)).toMatchObject({ status: 1, stderr: `crpbot kernel: tslab ${version} is installed in ${folder}, and ${wanted} is needed; run: npx crpbot setup jupyter\n` });
    rmSync(folder, { recursive: true });
  });

  it('says what to do when tslab is not installed', () => {
    const folder = copyOfLauncher();
    copyFileSync(join(projectRoot, 'package.json'), join(folder, 'package.json'));
    expect(launch(folder)).toMatchObject({ status: 1, stderr: 'crpbot kernel: tslab is not installed; run: npx crpbot setup jupyter\n' });
    rmSync(folder, { recursive: true });
  });
});
