import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from './requirements.js';

/** An empty project that shares this one's packages and sources, so that its cache is its own. */
export function pretendProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-tensorflow-'));
  for (const name of ['node_modules', 'src', 'package.json', 'environment.yml']) symlinkSync(join(projectRoot, name), join(folder, name));
  return folder;
}

export interface PretendWheel {
  readonly version?: string;
  readonly without?: string;
}

/** An environment with files where a TensorFlow wheel has them; nothing in it computes. Returns the package's folder. */
export function pretendEnvironment(prefix: string, { version = '2.21.0', without }: PretendWheel = {}): string {
  const folder = join(prefix, 'lib/python3.12/site-packages/tensorflow');
  const files = ['__init__.py', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/eager/c_api.h'];
  for (const name of files.filter((each) => each !== without)) write(join(folder, name), name);
  mkdirSync(join(dirname(folder), `tensorflow_cpu-${version}.dist-info`), { recursive: true });
  return folder;
}

/** A program that is a shell script. */
export function pretendProgram(file: string, script: string): string {
  write(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
