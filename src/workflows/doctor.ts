import type { FindOptions } from '../engines/tensorflow/find-tensorflow.js';
import { projectRoot, projectVersion } from '../project-root.js';
import { ok } from './doctor/check.js';
import type { Check } from './doctor/check.js';
import { jupyterCheck, libraryChecks } from './doctor/libraries.js';
import { machineChecks, version } from './doctor/machine.js';
import { tensorFlowChecks } from './doctor/tensorflow.js';

export interface DoctorOptions {
  readonly projectRoot?: string;
  /** Where TensorFlow is looked for, and nowhere else. */
  readonly python?: string;
  readonly env?: FindOptions['env'];
  readonly signal?: AbortSignal;
}

export interface DoctorReport {
  /** False when something that the project cannot do without does not work. */
  readonly healthy: boolean;
  readonly checks: readonly Check[];
}

/** Looks at everything the project uses or could use, and changes nothing. */
export async function doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { projectRoot: root = projectRoot(), python, env, signal } = options;
  const run = { cwd: root, signal };
  const checks = [
    ok('crpbot', `${projectVersion()}, ${root}`),
    ...(await machineChecks(run)),
    ...(await libraryChecks(root, run)),
    ...(await tensorFlowChecks(root, { python, ...(env !== undefined && { env }) }, run)),
    await jupyterCheck(root, run),
    await version('Redis', 'redis-server', ['--version'], 'only distributed work over several machines needs it (Debian, Ubuntu: apt-get install redis-server)', run),
  ];
  return { healthy: checks.every(({ required, state }) => !required || state === 'ok'), checks };
}
