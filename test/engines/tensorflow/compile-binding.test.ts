import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src/engines/tensorflow/cache-folder.js';
import { compileBinding } from '../../../src/engines/tensorflow/compile-binding.js';
import { inspectTensorFlow } from '../../../src/engines/tensorflow/find-tensorflow.js';
import { pretendEnvironment, pretendProgram, pretendProject } from '../../support/pretend-tensorflow.js';

describe('compiling the binding', () => {
  let root: string;
  beforeEach(() => {
    root = pretendProject();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A compiler that notes each call, and then does as told; `$out` is the file it is to write. */
  function compiler(script = 'echo object > "$out"', version = 'pretend 1'): string {
    return pretendProgram(join(root, 'compiler'), `[ "$1" = --version ] && { echo "${version}"; exit 0; }\necho "$@" >> ${join(root, 'calls')}\nfor out; do :; done\n${script}`);
  }
  const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []);
  const wheel = (version = '2.21.0', prefix = '.venv') => inspectTensorFlow(pretendEnvironment(join(root, prefix), { version }), 'here');
  const compile = (script?: string, tensorflow = wheel()) => compileBinding(tensorflow, { projectRoot: root, compiler: compiler(script) });
  const cache = () => join(root, '.cache/tensorflow');

  it('compiles tfjs-node’s own sources against the wheel, once', async () => {
    const first = await compile();
    expect(readFileSync(first.file, 'utf8')).toBe('object\n');
    expect(first.madeFrom).toMatchObject({ compiler: 'pretend 1', tensorflow: { version: '2.21.0' } });
    expect(calls()).toHaveLength(2);
    expect(calls()[1]).toContain('tfjs-node-gpu/binding/tfjs_backend.cc');
    expect(calls()[1]).toContain(`-Wl,-rpath,${join(root, '.venv')}`);

    expect(await compile('exit 1')).toEqual(first);
    expect(calls()).toHaveLength(2);
  });

  it('compiles again when TensorFlow was upgraded, moved or exchanged', async () => {
    const first = await compile();
    const upgraded = await compile(undefined, { ...wheel(), version: '2.22.0' });
    const moved = await compile(undefined, wheel('2.21.0', 'moved'));
    const library = join(root, '.venv/lib/python3.12/site-packages/tensorflow/libtensorflow_cc.so.2');
    appendFileSync(library, 'another build');
    const exchanged = await compileBinding(inspectTensorFlow(join(library, '..'), 'here'), { projectRoot: root, compiler: compiler() });
    expect(new Set([first, upgraded, moved, exchanged].map(({ file }) => file)).size).toBe(4);
  });

  it('replaces a cached one that is not whole', async () => {
    const { file } = await compile();
    rmSync(file);
    expect(readFileSync((await compile()).file, 'utf8')).toBe('object\n');
  });

  it('is not disturbed by others that compile the same at once', async () => {
    const tensorflow = wheel();
    const made = compiler('sleep 0.2; echo object > "$out"');
    const together = await Promise.all([1, 2, 3].map(() => compileBinding(tensorflow, { projectRoot: root, compiler: made })));
    expect(calls()).toHaveLength(6);
    expect(new Set(together.map(({ file }) => file)).size).toBe(1);
    expect(readFileSync(together[0].file, 'utf8')).toBe('object\n');
    expect(readdirSync(cache())).toEqual([basename(dirname(together[0].file))]);
  });

  for (const [what, script, code, hint] of [
    ['the disk is full', 'echo "fatal error: error writing to /tmp/x.s: No space left on device"; exit 1', 'no-space', 'free'],
    ['only the driver of the compiler is there', 'echo "g++: fatal error: cannot execute ‘cc1plus’: execvp: No such file"; exit 1', 'compiler-missing', 'apt-get install g++'],
    ['it does not compile', 'echo "error: unrecognized option -std=c++17"; exit 1', 'compile-failed', 'g++ 9'],
    ['the compiler writes nothing', 'exit 0', 'compile-failed', 'g++ 9'],
  ] as const) {
    it(`says so when ${what}, and leaves nothing behind`, async () => {
      await expect(compile(script)).rejects.toMatchObject({ name: 'SetupError', code, hint: expect.stringContaining(hint) as string });
      expect(readdirSync(cache())).toEqual([]);
    });
  }

  it('says how to get a compiler when there is none', async () => {
    const refused = compileBinding(wheel(), { projectRoot: root, compiler: join(root, 'no-compiler') });
    await expect(refused).rejects.toMatchObject({ code: 'compiler-missing', hint: expect.stringContaining('apt-get install g++') as string });
  });

  it('keeps the cache in the project, or with the person where the project is not writable', () => {
    expect(cacheFolder(root)).toBe(cache());
    expect(cacheFolder(join(root, 'nothing'))).toMatch(/crpbot\/tensorflow$/);
  });
});
