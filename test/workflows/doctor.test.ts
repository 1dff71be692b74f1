import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeCheck } from '../../src/workflows/doctor/machine.js';
import { doctor } from '../../src/workflows/doctor.js';
import { pretendEnvironment, pretendProject } from '../support/pretend-tensorflow.js';
import { describeWithTensorFlow, projectRoot } from '../support/requirements.js';

describe('crpbot doctor', () => {
  let root: string;
  beforeEach(() => {
    root = pretendProject();
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const nowhere = { PATH: '/nowhere' };

  it('names everything a bug report needs, and what to do about each thing that is missing', async () => {
    const { healthy, checks } = await doctor({ projectRoot: root, env: nowhere });
    expect(healthy).toBe(true);
    const names = ['crpbot', 'system', 'processor', 'memory', 'Node.js', 'npm', 'GPU', 'nodejs-polars', 'onnxruntime-node', 'ONNX Runtime CUDA provider', 'Python', 'C++ compiler', 'TensorFlow', 'Jupyter kernel', 'Redis'];
    expect(checks.map(({ name }) => name)).toEqual(names);
    expect(checks.find(({ name }) => name === 'TensorFlow')).toMatchObject({ state: 'missing', advice: expect.stringContaining('crpbot setup tensorflow') as string });
    expect(checks.filter(({ state, advice }) => state !== 'ok' && advice === undefined)).toEqual([]);
  });

  it('says when a TensorFlow was found and no binding fits it, and compiles none', async () => {
    pretendEnvironment(join(root, '.venv'));
    const { checks } = await doctor({ projectRoot: root, env: nowhere });
    expect(checks.find(({ name }) => name === 'TensorFlow')).toMatchObject({ state: 'ok', found: expect.stringContaining('2.21.0') as string });
    expect(checks.find(({ name }) => name === 'TensorFlow binding')).toMatchObject({ state: 'missing', advice: expect.stringContaining('crpbot setup tensorflow') as string });
  });

  it('says what a TensorFlow lacks', async () => {
    pretendEnvironment(join(root, '.venv'), { version: '2.11.0' });
    const { healthy, checks } = await doctor({ projectRoot: root, env: nowhere });
    expect(healthy).toBe(true);
    expect(checks.find(({ name }) => name === 'TensorFlow')).toMatchObject({ state: 'broken', required: false, found: expect.stringContaining('2.11.0 is too old') as string });
  });

  it('is not healthy without a library that everything needs', async () => {
    rmSync(join(root, 'node_modules'));
    mkdirSync(join(root, 'node_modules'));
    const { healthy, checks } = await doctor({ projectRoot: root, env: nowhere });
    expect(healthy).toBe(false);
    const broken = checks.filter(({ state }) => state === 'broken');
    expect(broken.map(({ name, advice }) => [name, advice])).toEqual([['nodejs-polars', 'npm ci'], ['onnxruntime-node', 'npm ci']]);
  });

  it('knows which Node.js is old', () => {
    expect(['18.20.0', '20.18.3', '20.19.0', '24.1.0'].map((version) => nodeCheck(version).state)).toEqual(['broken', 'broken', 'ok', 'ok']);
  });
});

describeWithTensorFlow('crpbot doctor with TensorFlow', () => {
  it('says what TensorFlow computes on', async () => {
    const { checks } = await doctor({ projectRoot });
    const binding = checks.find(({ name }) => name === 'TensorFlow binding');
    if (binding?.state === 'ok') expect(checks.find(({ name }) => name === 'TensorFlow computes on')?.found).toMatch(/^the [CG]PU/);
    else expect(binding).toMatchObject({ state: 'missing' });
  });
});
