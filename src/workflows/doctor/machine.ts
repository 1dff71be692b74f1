import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, release, totalmem } from 'node:os';
import { glibcVersion } from '../../engines/tensorflow/find-tensorflow.js';
import { nvidiaGpus } from '../../engines/tensorflow/nvidia.js';
import { runProgram } from '../../run-program.js';
import type { ProgramOptions } from '../../run-program.js';
import { missing, ok } from './check.js';
import type { Check } from './check.js';

const OLDEST_NODE: readonly [number, number] = [20, 19];
const GB = 2 ** 30;

/** The operating system, the processor, memory, Node.js and npm, and the GPU. */
export async function machineChecks(run: ProgramOptions): Promise<Check[]> {
  const libc = glibcVersion();
  const cores = cpus();
  return [
    ok('system', `${systemName()}, kernel ${release()}, ${arch()}, ${libc === undefined ? 'no glibc' : `glibc ${libc}`}`),
    ok('processor', `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores, ${availableParallelism()} usable`),
    ok('memory', `${(totalmem() / GB).toFixed(1)} GB, ${(freemem() / GB).toFixed(1)} GB free`),
    nodeCheck(process.versions.node),
    await version('npm', 'npm', ['--version'], 'npm comes with Node.js; installing the project needs it', run),
    gpuCheck(),
  ];
}

/** `required`: the one thing nothing runs without. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const check = { name: 'Node.js', required: true, found: `${version}, ${process.execPath}` };
  return fits ? { ...check, state: 'ok' } : { ...check, state: 'broken', advice: `install Node.js ${OLDEST_NODE.join('.')} or newer` };
}

function gpuCheck(): Check {
  const gpus = nvidiaGpus().map(({ name, memoryMb, driver }) => `${name}, ${memoryMb} MB, driver ${driver}`);
  if (gpus.length > 0) return ok('GPU', gpus.join('; '));
  return missing('GPU', 'no NVIDIA driver answers (nvidia-smi)', 'everything works on the CPU; for a GPU install NVIDIA’s driver, then npx crpbot setup tensorflow and npx crpbot setup gpu');
}

function systemName(): string {
  if (process.platform !== 'linux') return process.platform;
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

/** What a program says when it is asked for its version. */
export async function version(name: string, command: string, args: readonly string[], advice: string, run: ProgramOptions): Promise<Check> {
  const end = await runProgram(command, args, run);
  return end.status === 0 ? ok(name, end.output.trim().split('\n')[0] ?? '') : missing(name, `${command} does not run`, advice);
}
