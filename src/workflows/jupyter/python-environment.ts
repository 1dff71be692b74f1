import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, TemporaryError } from '../../errors.js';
import { lastLines, runProgram } from '../../run-program.js';
import type { ProgramEnd, ProgramOptions } from '../../run-program.js';

const OLDEST_PYTHON: readonly [number, number] = [3, 10];

/**
 * The packages of `environment.yml`'s pip part: `['jupyterlab==4.6.6', ...]`.
 * @throws SetupError `environment-unreadable`
 */
export function pipRequirements(projectRoot: string): string[] {
  const file = join(projectRoot, 'environment.yml');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const start = lines.findIndex((line) => /^\s*- pip:\s*$/.test(line));
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const requirements: string[] = [];
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    const item = /^(\s+)- (\S+)\s*$/.exec(line);
    if (item?.[1] !== undefined && item[1].length > indent && item[2] !== undefined) requirements.push(item[2]);
    else if (line.trim() !== '' && !line.trimStart().startsWith('#')) break;
  }
  if (requirements.length > 0) return requirements;
  throw new SetupError('environment.yml lists no pip packages', { code: 'environment-unreadable', place: { file }, hint: 'restore environment.yml from the repository' });
}

/**
 * Looks for a Python that can be used: the one given, else `python3`, else `python`. Returns its command.
 * @throws SetupError `python-missing`, `python-too-old`
 */
export async function findPython(given: string | undefined, options: ProgramOptions): Promise<string> {
  const candidates = given === undefined ? ['python3', 'python'] : [given];
  for (const command of candidates) {
    const { status, output } = await runProgram(command, ['-c', 'import sys; print(*sys.version_info[:2])'], options);
    if (status !== 0) continue;
    const [major = 0, minor = 0] = output.trim().split(' ').map(Number);
    if (major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1])) return command;
    throw new SetupError(`${command} is Python ${major}.${minor}, crpbot needs ${OLDEST_PYTHON.join('.')} or newer`, {
      code: 'python-too-old',
      hint: 'install a newer Python and name it with --python',
    });
  }
  throw new SetupError(given === undefined ? 'no Python was found (python3, python)' : `${given} is no Python that runs`, {
    code: 'python-missing',
    hint: `install Python ${OLDEST_PYTHON.join('.')} or newer (Debian, Ubuntu: apt install python3 python3-venv), or name one with --python`,
  });
}

/** The Python of a virtual environment, there or not. */
export const environmentPython = (folder: string): string => join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/**
 * A virtual environment in `folder`, made when it is not there. Returns its Python.
 * @throws SetupError `venv-missing`
 */
export async function makeVirtualEnvironment(folder: string, python: () => Promise<string>, options: ProgramOptions): Promise<string> {
  const own = environmentPython(folder);
  if (existsSync(own) && (await runProgram(own, ['-m', 'pip', '--version'], options)).status === 0) return own;
  const end = await runProgram(await python(), ['-m', 'venv', '--clear', folder], options);
  if (end.status === 0) return own;
  throw new SetupError(`no virtual environment could be made in ${folder}:\n${lastLines(end.output)}`, {
    code: 'venv-missing',
    hint: 'install the venv module (Debian, Ubuntu: apt install python3-venv), or use an environment you have: --python PATH --sys-prefix',
  });
}

/**
 * Installs packages into a Python environment; quick where they are there already.
 * @throws TemporaryError `no-network`
 * @throws SetupError `python-managed`, `pip-failed`, `no-space`
 */
export async function pipInstall(python: string, requirements: readonly string[], options: ProgramOptions): Promise<void> {
  const end = await runProgram(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', ...requirements], options);
  if (end.status !== 0) throw pipError(python, requirements, end);
}

function pipError(python: string, requirements: readonly string[], { output }: ProgramEnd): Error {
  const shown = lastLines(output);
  if (/No space left on device|Disk quota exceeded/i.test(output)) {
    return new SetupError(`no room to install ${requirements.join(', ')}:\n${shown}`, { code: 'no-space', hint: 'free some space in the environment’s folder and in TMPDIR, and run the command again' });
  }
  if (/name resolution|getaddrinfo|Network is unreachable|Connection (refused|reset|aborted)|Max retries|timed out|NewConnectionError|ProxyError/i.test(output)) {
    return new TemporaryError(`Python packages could not be downloaded:\n${shown}`, { code: 'no-network', hint: 'check the connection (or the proxy) and run the command again' });
  }
  if (output.includes('externally-managed-environment')) {
    return new SetupError(`${python} belongs to the operating system, which lets nobody else install into it`, {
      code: 'python-managed',
      hint: 'leave --sys-prefix and --python out: a local .venv is then used',
    });
  }
  return new SetupError(`pip could not install ${requirements.join(', ')}:\n${shown}`, { code: 'pip-failed', hint: 'see what pip says above; --python names another Python' });
}
