import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, TemporaryError } from '../../errors.js';
import { lastLines, runProgram } from '../../run-program.js';
import type { ProgramOptions } from '../../run-program.js';

/**
 * Installs the kernel's own packages (tslab) from its lock file, apart from the project's; nothing where they are there.
 * @throws TemporaryError `no-network`
 * @throws SetupError `npm-missing`, `npm-failed`
 */
export async function installKernelPackages(kernelFolder: string, options: ProgramOptions): Promise<void> {
  if (kernelPackagesInstalled(kernelFolder)) return;
  // npm is itself a script: run by this very Node where it says where it is.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') === true ? [process.execPath, [npm]] : ['npm', []];
  const end = await runProgram(command, [...first, 'ci', '--prefix', kernelFolder, '--ignore-scripts', '--no-audit', '--no-fund'], options);
  if (end.status === 0) return;
  if (end.status === 'not-found') {
    throw new SetupError('npm was not found', { code: 'npm-missing', hint: 'install Node.js with npm, and make sure npm is on the PATH' });
  }
  const message = `the kernel's packages could not be installed:\n${lastLines(end.output)}`;
  if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(end.output)) {
    throw new TemporaryError(message, { code: 'no-network', hint: 'check the connection (or the proxy) and run the command again' });
  }
  throw new SetupError(message, { code: 'npm-failed', hint: `see what npm says above; deleting ${join(kernelFolder, 'node_modules')} and trying again may help` });
}

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;

/** Whether what npm last installed is what the lock file asks for. */
export function kernelPackagesInstalled(kernelFolder: string): boolean {
  const wanted = readPackages(join(kernelFolder, 'package-lock.json'));
  const present = readPackages(join(kernelFolder, 'node_modules/.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([name, { version, optional }]) => {
    if (name === '' || (optional === true && present[name] === undefined)) return true;
    return present[name]?.version === version && existsSync(join(kernelFolder, name));
  });
}

function readPackages(file: string): Packages | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { packages?: Packages }).packages;
  } catch {
    // Half written: as good as not there.
    return undefined;
  }
}
