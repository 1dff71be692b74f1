import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lastLines, runProgram } from '../../run-program.js';
import type { ProgramOptions } from '../../run-program.js';
import { cudaProvider } from '../setup-gpu.js';
import { missing, ok } from './check.js';
import type { Check } from './check.js';

/** The native npm packages that everything needs, each loaded in a process of its own, and ONNX Runtime's providers. */
export async function libraryChecks(root: string, run: ProgramOptions): Promise<Check[]> {
  const required = await Promise.all([packageCheck('nodejs-polars', root, run), packageCheck('onnxruntime-node', root, run)]);
  return [...required, cudaProviderCheck(root)];
}

async function packageCheck(name: string, root: string, run: ProgramOptions): Promise<Check> {
  const code = `const p = require(${JSON.stringify(name)}); console.log('LOADED ' + require(${JSON.stringify(`${name}/package.json`)}).version + (p.listSupportedBackends ? ' (' + p.listSupportedBackends().map((b) => b.name).join(', ') + ')' : ''));`;
  const end = await runProgram(process.execPath, ['-e', code], { ...run, cwd: root });
  const found = /^LOADED (.*)$/m.exec(end.output)?.[1];
  if (end.status === 0 && found !== undefined) return { name, state: 'ok', required: true, found };
  return { name, state: 'broken', required: true, found: lastLines(end.output, 4), advice: 'npm ci' };
}

function cudaProviderCheck(root: string): Check {
  const name = 'ONNX Runtime CUDA provider';
  let file: string | undefined;
  try {
    file = cudaProvider(dirname(createRequire(join(root, 'package.json')).resolve('onnxruntime-node/package.json')));
  } catch {
    return missing(name, 'onnxruntime-node is not installed', 'npm ci');
  }
  return file !== undefined ? ok(name, file) : missing(name, 'not installed: evaluation runs on the CPU', 'npx crpbot setup gpu, on a machine with an NVIDIA GPU');
}

/** Jupyter with this project's kernel registered in `.venv`, and the kernel's own packages. */
export async function jupyterCheck(root: string, run: ProgramOptions): Promise<Check> {
  const [name, advice] = ['Jupyter kernel', 'npx crpbot setup jupyter'];
  if (!existsSync(join(root, 'kernels/crpbot/node_modules/tslab'))) return missing(name, 'its packages are not installed', advice);
  for (const python of [join(root, '.venv/bin/python'), 'python3']) {
    const end = await runProgram(python, ['-m', 'jupyter', 'kernelspec', 'list', '--json'], run);
    const folder = end.status === 0 ? /"resource_dir":\s*"([^"]*\bcrpbot)"/.exec(end.output)?.[1] : undefined;
    if (folder !== undefined) return ok(name, folder);
  }
  return missing(name, 'not registered with Jupyter', advice);
}
