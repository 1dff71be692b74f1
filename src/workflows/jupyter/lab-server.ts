import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupError } from '../../errors.js';

/** How long JupyterLab may take to end its kernels before it is killed. */
const GRACE_MS = 10_000;
/** Lines of its log that are kept for an error. */
const KEPT_LINES = 15;
const READY = /(https?:\/\/\S+\/lab\S*\?token=\w+)/;

export interface LabOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly onReady: (url: string) => void;
  /** What it complains of once it is ready, and what kernels say before they can speak to a notebook. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs JupyterLab until `signal` fires, then has it end its kernels and itself.
 * @throws SetupError `jupyterlab-failed` when it ends by itself
 */
export async function runLab(python: string, args: readonly string[], { env, cwd, onReady, onLine, signal }: LabOptions): Promise<void> {
  // A process group of its own: Ctrl-C reaches this process only, or JupyterLab would ask whether that was meant.
  const server = spawn(python, ['-m', 'jupyterlab', ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<string>((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.once('close', (code, by) => resolve(by === null ? `exit status ${code}` : by));
  });
  const log: string[] = [];
  let ready = false;
  const read = (line: string): void => {
    log.push(line);
    if (log.length > KEPT_LINES) log.shift();
    const url = ready ? undefined : READY.exec(line)?.[1];
    if (url !== undefined) {
      ready = true;
      onReady(url);
    } else if (ready && isComplaint(line)) onLine(line);
  };
  for (const stream of [server.stdout, server.stderr]) createInterface({ input: stream }).on('line', read);

  const stop = (): void => {
    server.kill('SIGTERM');
    setTimeout(() => server.kill('SIGKILL'), GRACE_MS).unref();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const how = await ended;
  if (signal.aborted) return;
  throw new SetupError(`JupyterLab ended by itself (${how}):\n${log.join('\n')}`, { code: 'jupyterlab-failed', hint: 'see what it says above; npx crpbot setup jupyter repairs an installation' });
}

const isComplaint = (line: string): boolean => /^\[E /.test(line) || line.startsWith('crpbot kernel:');
