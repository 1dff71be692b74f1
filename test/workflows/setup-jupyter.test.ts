import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/run-program.js';
import { installKernelSpec } from '../../src/workflows/jupyter/kernel-spec.js';
import { pipRequirements } from '../../src/workflows/jupyter/python-environment.js';
import { setupJupyter } from '../../src/workflows/setup-jupyter.js';
import { describeWhen, projectRoot } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';

describe('setting Jupyter up', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-setup-'));
    mkdirSync(join(folder, 'project'));
    writeFileSync(join(folder, 'project/environment.yml'), 'dependencies:\n  - python=3.12\n  - pip:\n      # why\n      - jupyterlab==4.0.0\n      - nbclient==0.1\n  - other\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A Python that answers as told, by what it is asked to run. */
  function pretendPython(answers: { readonly version?: string; readonly venv?: string; readonly pip?: string }): string {
    const file = join(folder, 'python');
    const answer = (text: string | undefined, status: number) => `cat <<'END'\n${text ?? ''}\nEND\nexit ${text === undefined ? 0 : status}`;
    writeFileSync(file, `#!/bin/sh\ncase "$*" in\n*version_info*) echo ${answers.version ?? '3 12'}; exit 0;;\n*venv*) ${answer(answers.venv, 1)};;\n*pip*) ${answer(answers.pip, 1)};;\nesac\n`);
    chmodSync(file, 0o755);
    return file;
  }
  const setup = (python: string, location: 'venv' | 'sys-prefix') => setupJupyter({ projectRoot: join(folder, 'project'), python, location });

  it('takes the pip packages of environment.yml, pinned', () => {
    expect(pipRequirements(join(folder, 'project'))).toEqual(['jupyterlab==4.0.0', 'nbclient==0.1']);
    const own = pipRequirements(projectRoot);
    expect(own.map((requirement) => requirement.split('==')[0])).toEqual(expect.arrayContaining(['jupyterlab', 'nbclient', 'ipykernel', 'nbformat']));
    expect(own.every((requirement) => /^[\w-]+(\[and-cuda\])?==[\d.]+$/.test(requirement))).toBe(true);
  });

  it('says so when there is no Python', async () => {
    await expect(setup(join(folder, 'nothing'), 'venv')).rejects.toMatchObject({ name: 'SetupError', code: 'python-missing', hint: expect.stringContaining('install Python 3.10') as string });
  });

  it('says so when Python is too old', async () => {
    await expect(setup(pretendPython({ version: '3 8' }), 'sys-prefix')).rejects.toMatchObject({ code: 'python-too-old', message: expect.stringContaining('Python 3.8') as string });
  });

  it('says so when Python has no venv module', async () => {
    const python = pretendPython({ venv: 'ensurepip is not available' });
    await expect(setup(python, 'venv')).rejects.toMatchObject({ code: 'venv-missing', message: expect.stringContaining('ensurepip is not available') as string, hint: expect.stringContaining('python3-venv') as string });
  });

  it('says so when there is no network', async () => {
    const python = pretendPython({ pip: 'NewConnectionError: Temporary failure in name resolution' });
    await expect(setup(python, 'sys-prefix')).rejects.toMatchObject({ name: 'TemporaryError', code: 'no-network' });
  });

  it('says so when Python belongs to the system, or a package does not exist', async () => {
    await expect(setup(pretendPython({ pip: 'error: externally-managed-environment' }), 'sys-prefix')).rejects.toMatchObject({ code: 'python-managed' });
    await expect(setup(pretendPython({ pip: 'ERROR: No matching distribution found for nbclient==0.1' }), 'sys-prefix')).rejects.toMatchObject({ code: 'pip-failed', message: expect.stringContaining('No matching distribution') as string });
  });

  it('says so when environment.yml lists nothing', async () => {
    writeFileSync(join(folder, 'project/environment.yml'), 'dependencies:\n  - python\n');
    await expect(setup(pretendPython({}), 'sys-prefix')).rejects.toMatchObject({ code: 'environment-unreadable' });
  });
});

describeWhen(jupyterPython !== undefined && existsSync(join(projectRoot, '.venv')), 'setting Jupyter up where it is set up', jupyterMissing, () => {
  it('keeps what is there, registers the kernel and proves it', async () => {
    const lines: string[] = [];
    const { python, kernelSpec, proof } = await setupJupyter({ projectRoot, onLine: (line) => lines.push(line) });
    expect(python).toBe(join(projectRoot, '.venv/bin/python'));
    expect(proof).toBe(`TypeScript runs on Node.js ${process.version}`);
    const { argv } = JSON.parse(readFileSync(kernelSpec, 'utf8')) as { argv: string[] };
    expect(argv[0]).toBe(process.execPath);
    expect(argv.at(-2)).toBe(join(projectRoot, 'kernels/crpbot/launcher.cjs'));
    expect(lines.length).toBeGreaterThan(2);
  });

  describe('for a user', () => {
    const home = mkdtempSync(join(tmpdir(), 'crpbot-home-'));
    const before = { HOME: process.env.HOME, JUPYTER_DATA_DIR: process.env.JUPYTER_DATA_DIR, JUPYTER_PATH: process.env.JUPYTER_PATH };
    beforeEach(() => {
      delete process.env.JUPYTER_PATH;
      Object.assign(process.env, { HOME: home, JUPYTER_DATA_DIR: join(home, 'jupyter') });
    });
    afterEach(() => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    const registered = join(home, 'jupyter/kernels/crpbot/kernel.json');
    const python = join(projectRoot, '.venv/bin/python');
    const install = () => installKernelSpec(python, join(projectRoot, 'kernels/crpbot'), 'user', { cwd: projectRoot });

    it('it is every Jupyter’s, over what was there before, and TensorFlow is looked for in its environment', async () => {
      mkdirSync(join(home, 'jupyter/kernels/crpbot'), { recursive: true });
      writeFileSync(registered, '{ "argv": ["node", "/gone/launcher.cjs", "{connection_file}"], "display_name": "old" }');
      expect(await install()).toBe(registered);
      const { argv, env } = JSON.parse(readFileSync(registered, 'utf8')) as { argv: string[]; env: Record<string, string> };
      expect(argv).toContain(join(projectRoot, 'kernels/crpbot/launcher.cjs'));
      expect(env).toEqual({ VIRTUAL_ENV: join(projectRoot, '.venv') });
    });

    it('it is gone once removed, and back once installed', async () => {
      await install();
      const { status } = await runProgram(python, ['-m', 'jupyter', 'kernelspec', 'remove', '-f', 'crpbot'], { cwd: projectRoot, env: { JUPYTER_PREFER_ENV_PATH: '0' } });
      expect([status, existsSync(registered)]).toEqual([0, false]);
      await install();
      expect(existsSync(registered)).toBe(true);
    });

    it('it says so when Jupyter would take another project’s before it', async () => {
      const other = join(home, 'other');
      mkdirSync(join(other, 'kernels/crpbot'), { recursive: true });
      writeFileSync(join(other, 'kernels/crpbot/kernel.json'), '{ "argv": ["node", "/elsewhere/kernels/crpbot/launcher.cjs"], "display_name": "other", "language": "typescript" }');
      process.env.JUPYTER_PATH = other;
      await expect(install()).rejects.toMatchObject({ name: 'SetupError', code: 'kernel-shadowed', message: expect.stringContaining(join(other, 'kernels/crpbot')) as string, hint: expect.stringContaining('kernelspec remove') as string });
    });
  });
});
