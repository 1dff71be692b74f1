import { mkdirSync, rmSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberTensorFlow } from '../../../src/engines/tensorflow/cache-folder.js';
import { findTensorFlow, inspectTensorFlow } from '../../../src/engines/tensorflow/find-tensorflow.js';
import { pretendEnvironment, pretendProgram, pretendProject } from '../../support/pretend-tensorflow.js';

describe('finding a TensorFlow', () => {
  let root: string;
  beforeEach(() => {
    root = pretendProject();
  });
  afterEach(() => rmSync(root, { recursive: true }));
  /** `PATH` leads to no Python. */
  const find = (env: Record<string, string> = {}) => findTensorFlow({ projectRoot: root, env: { PATH: join(root, 'bin'), ...env } });

  it('takes the active environment first, then what setup found, then .venv, then python3', () => {
    const python3 = pretendEnvironment(join(root, 'system'), { version: '2.16.1' });
    pretendProgram(join(root, 'bin/python3'), `echo found:${python3}/__init__.py`);
    expect(find()).toEqual({ folder: python3, version: '2.16.1', origin: 'python3' });

    const own = pretendEnvironment(join(root, '.venv'), { version: '2.17.0' });
    expect(find()).toMatchObject({ folder: own, version: '2.17.0' });

    const remembered = pretendEnvironment(join(root, 'elsewhere'), { version: '2.18.0' });
    rememberTensorFlow(root, remembered);
    expect(find()).toMatchObject({ folder: remembered, origin: 'crpbot setup tensorflow' });

    const conda = pretendEnvironment(join(root, 'conda'), { version: '2.19.0' });
    expect(find({ CONDA_PREFIX: join(root, 'conda') })).toMatchObject({ folder: conda });
    const active = pretendEnvironment(join(root, 'active'), { version: '2.20.0' });
    expect(find({ VIRTUAL_ENV: join(root, 'active'), CONDA_PREFIX: join(root, 'conda') })).toMatchObject({ folder: active });
  });

  it('passes over one that is too old when a good one follows, and forgets one that was deleted', () => {
    pretendEnvironment(join(root, 'active'), { version: '2.9.1' });
    const own = pretendEnvironment(join(root, '.venv'));
    rememberTensorFlow(root, join(root, 'deleted/tensorflow'));
    expect(find({ VIRTUAL_ENV: join(root, 'active') })).toMatchObject({ folder: own });
  });

  it('looks in the Python that is named, and nowhere else', () => {
    pretendEnvironment(join(root, '.venv'));
    const named = pretendEnvironment(join(root, 'named'), { version: '2.20.0' });
    const ask = (script: string) => findTensorFlow({ projectRoot: root, python: pretendProgram(join(root, 'python'), script) });
    expect(ask(`echo found:${named}/__init__.py`)).toMatchObject({ folder: named, version: '2.20.0' });
    expect(() => ask('echo found:')).toThrow(expect.objectContaining({ name: 'SetupError', code: 'tensorflow-missing' }));
    expect(() => ask('exit 1')).toThrow(expect.objectContaining({ code: 'python-missing' }));
    expect(() => findTensorFlow({ projectRoot: root, python: join(root, 'nothing') })).toThrow(expect.objectContaining({ code: 'python-missing', message: expect.stringContaining('nothing') as string }));
  });

  it('says where it looked when there is none', () => {
    expect(() => find()).toThrow(expect.objectContaining({ code: 'tensorflow-missing', hint: expect.stringContaining('crpbot setup tensorflow') as string }));
  });

  for (const [without, version, code] of [
    [undefined, '2.15.1', 'tensorflow-too-old'],
    [undefined, '1.15.5', 'tensorflow-too-old'],
    ['libtensorflow_cc.so.2', '2.21.0', 'tensorflow-incomplete'],
    ['include/tensorflow/c/eager/c_api.h', '2.21.0', 'tensorflow-incomplete'],
  ] as const) {
    it(`refuses ${version} ${without === undefined ? '' : `without ${without}`}`, () => {
      pretendEnvironment(join(root, '.venv'), { version, ...(without !== undefined && { without }) });
      expect(() => find()).toThrow(expect.objectContaining({ name: 'SetupError', code, message: expect.stringContaining(without ?? version) as string }));
    });
  }

  it('takes the newest metadata where an upgrade left the old behind, and none of another package', () => {
    const folder = pretendEnvironment(join(root, '.venv'), { version: '2.21.0' });
    const site = dirname(folder);
    for (const name of ['tensorflow_cpu-2.16.0.dist-info', 'tensorflow_datasets-4.9.9.dist-info']) mkdirSync(join(site, name));
    utimesSync(join(site, 'tensorflow_cpu-2.16.0.dist-info'), 1, 1);
    expect(inspectTensorFlow(folder, 'here').version).toBe('2.21.0');
  });
});
