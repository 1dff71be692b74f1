import { execFileSync, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWhen, projectRoot } from '../requirements.js';

/** Older ones do not know whether a bucket is public. */
const OLDEST_MOTO = '5.2.5';
const probe = `import flask; from importlib.metadata import version; assert [*map(int, version('moto').split('.')[:3])] >= [${OLDEST_MOTO.replaceAll('.', ', ')}]`;

/** A Python with moto's server (`pip install "moto[server]"`), which speaks S3 on loopback; else undefined. */
const motoPython = [process.env.CRPBOT_PYTHON, join(projectRoot, '.venv/bin/python'), 'python3'].find((python) => {
  try {
    if (python === undefined) return false;
    execFileSync(python, ['-c', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Tests against a real server of the S3 protocol. */
export function describeWithMoto(name: string, body: () => void): void {
  describeWhen(motoPython !== undefined, name, `moto ${OLDEST_MOTO} or newer is not installed; run .venv/bin/python -m pip install "moto[server]>=${OLDEST_MOTO}"`, body);
}

export interface ObjectStore {
  readonly endpoint: string;
  stop(): void;
}

/** What a child process, or this one, needs to speak to the store: keys that moto does not check, and none of this machine's. */
export const TEST_CREDENTIALS: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIATESTKEYTESTKEY00',
  AWS_SECRET_ACCESS_KEY: 'secret-that-nobody-may-see',
  AWS_SESSION_TOKEN: 'token-that-nobody-may-see',
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export async function startMoto(): Promise<ObjectStore> {
  const port = await freePort();
  const server = spawn(motoPython ?? 'python3', ['-c', 'from moto.server import main; main()', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`);
    const answer = await fetch(`${endpoint}/moto-api/`).catch(() => undefined);
    if (answer?.ok === true) return { endpoint, stop: () => void server.kill('SIGKILL') };
    await sleep(100);
  }
  server.kill('SIGKILL');
  throw new Error('moto does not answer');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
