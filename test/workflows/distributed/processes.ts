import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { projectRoot } from '../../support/requirements.js';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** A port of the loopback that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface RunningProcess {
  readonly process: ChildProcess;
  /** All it has printed so far. */
  output(): string;
  /** Resolves once the text has been printed. */
  prints(text: string | RegExp, withinMs?: number): Promise<void>;
  end(signal?: NodeJS.Signals): Promise<void>;
}

function running(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningProcess {
  const child = spawn(command, [...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const ended = once(child, 'exit');
  return {
    process: child,
    output: () => output,
    async prints(text, withinMs = 20_000) {
      const until = Date.now() + withinMs;
      while (!(typeof text === 'string' ? output.includes(text) : text.test(output))) {
        if (Date.now() > until || child.exitCode !== null) throw new Error(`${command} did not print ${String(text)}:\n${output}`);
        await new Promise((done) => setTimeout(done, 20));
      }
    },
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

/** A Redis of its own, in memory, on the loopback. */
export async function startRedis(folder: string, port: number, options: readonly string[] = []): Promise<RunningProcess> {
  const redis = running('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', ...options]);
  await redis.prints('Ready to accept connections');
  return redis;
}

/** A worker process with the jobs of count-kinds.ts, or with crpbot's own; its root is `root`. */
export function startWorker(kinds: 'count' | 'own', queue: string, root: string, concurrency = 1): RunningProcess {
  return running(process.execPath, [join(projectRoot, 'bin/tsx.js'), join(projectRoot, 'test/workflows/distributed/launch-worker.ts'), kinds, '--queue', queue, '--root', root, '--concurrency', String(concurrency)], { CRPBOT_ROOT: projectRoot });
}
