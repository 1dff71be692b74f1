import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setupGpu } from '../../src/workflows/setup-gpu.js';
import { setupTensorFlow, tensorFlowRequirement } from '../../src/workflows/setup-tensorflow.js';
import { pipRequirements } from '../../src/workflows/jupyter/python-environment.js';
import { nvidiaGpus } from '../../src/engines/tensorflow/nvidia.js';
import { describeWithTensorFlow, projectRoot } from '../support/requirements.js';
import { pretendEnvironment, pretendProgram, pretendProject } from '../support/pretend-tensorflow.js';

describe('setting TensorFlow up', () => {
  let root: string;
  const environment = { ...process.env };
  beforeEach(() => {
    root = pretendProject();
    pretendProgram(join(root, 'bin/g++'), '[ "$1" = --version ] && { echo pretend 1; exit 0; }\nfor out; do :; done\necho "no native module" > "$out"');
    Object.assign(process.env, { PATH: `${join(root, 'bin')}:/usr/bin:/bin` });
    for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX', 'CXX']) delete process.env[name];
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    for (const name of ['PATH', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'CXX']) if (environment[name] !== undefined) process.env[name] = environment[name];
  });

  /** A Python without TensorFlow, whose pip ends as told. */
  function python(pip: string): string {
    const own = join(root, '.venv/bin/python');
    return pretendProgram(join(root, 'python'), `case "$*" in\n*find_spec*) echo found:;;\n*version_info*) echo 3 12;;\n*venv*) mkdir -p ${join(root, '.venv/bin')}; cp "$0" ${own};;\n*"pip install"*) echo "$@" > ${join(root, 'pip')}; ${pip};;\nesac`);
  }

  it('installs the wheel that fits the machine, of the version in environment.yml', async () => {
    const requirements = pipRequirements(projectRoot);
    expect(tensorFlowRequirement(requirements, true)).toMatch(/^tensorflow\[and-cuda\]==2\.\d+\.\d+$/);
    if (process.arch === 'x64') expect(tensorFlowRequirement(requirements, false)).toMatch(/^tensorflow-cpu==2\.\d+\.\d+$/);
    expect(() => tensorFlowRequirement(['jupyterlab==4.0.0'], false)).toThrow(expect.objectContaining({ code: 'environment-unreadable' }));

    const failed = setupTensorFlow({ projectRoot: root, python: python('echo "ERROR: No matching distribution found"; exit 1') });
    await expect(failed).rejects.toMatchObject({ name: 'SetupError', code: 'pip-failed', message: expect.stringContaining('No matching distribution') as string });
    expect(readFileSync(join(root, 'pip'), 'utf8')).toContain(tensorFlowRequirement(requirements, nvidiaGpus().length > 0));
  });

  it('says so when there is no network, or no room', async () => {
    await expect(setupTensorFlow({ projectRoot: root, python: python('echo "NewConnectionError: name resolution"; exit 1') })).rejects.toMatchObject({ name: 'TemporaryError', code: 'no-network' });
    rmSync(join(root, '.venv'), { recursive: true });
    await expect(setupTensorFlow({ projectRoot: root, python: python('echo "OSError: [Errno 28] No space left on device"; exit 1') })).rejects.toMatchObject({ name: 'SetupError', code: 'no-space' });
  });

  it('says so when the named Python does not exist', async () => {
    await expect(setupTensorFlow({ projectRoot: root, python: join(root, 'nothing') })).rejects.toMatchObject({ code: 'python-missing' });
  });

  it('believes nothing that does not compute, and does not remember it', async () => {
    pretendEnvironment(join(root, '.venv'));
    await expect(setupTensorFlow({ projectRoot: root })).rejects.toMatchObject({ name: 'SetupError', code: 'binding-broken' });
    expect(existsSync(join(root, '.cache/tensorflow/found.json'))).toBe(false);
  });

  it('asks for a GPU before it fetches what needs one', async () => {
    pretendProgram(join(root, 'bin/nvidia-smi'), 'exit 9');
    await expect(setupGpu({ projectRoot: root })).rejects.toMatchObject({ name: 'SetupError', code: 'no-gpu' });
  });

  it('takes the GPUs from NVIDIA’s driver', () => {
    pretendProgram(join(root, 'bin/nvidia-smi'), 'echo "Tesla T4, 15360, 550.54.15"');
    expect(nvidiaGpus()).toEqual([{ name: 'Tesla T4', memoryMb: 15360, driver: '550.54.15' }]);
  });
});

describeWithTensorFlow('setting up the TensorFlow that is here', () => {
  it('compiles or takes the binding, and proves it', async () => {
    const lines: string[] = [];
    const setup = await setupTensorFlow({ projectRoot, onLine: (line) => lines.push(line) });
    expect(setup).toMatchObject({ version: expect.stringMatching(/^2\./) as string, device: expect.stringMatching(/^[cg]pu$/) as string });
    expect(existsSync(setup.binding)).toBe(true);
    expect(lines.at(-1)).toMatch(/^Proved it: TensorFlow 2\..* multiplied two matrices/);
  });
});
