import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../src/storage/hash-parts.js';
import { exportToBucket } from '../../src/workflows/export-to-bucket.js';
import { errorBody, startFaultyProxy, type FaultyProxy } from '../support/object-store/faulty-proxy.js';
import { describeWithMoto, startMoto, TEST_CREDENTIALS, type ObjectStore } from '../support/object-store/moto.js';
import { projectRoot } from '../support/requirements.js';
import { seededBytes } from '../support/seeded-bytes.js';

const secrets = [TEST_CREDENTIALS.AWS_ACCESS_KEY_ID, TEST_CREDENTIALS.AWS_SECRET_ACCESS_KEY, TEST_CREDENTIALS.AWS_SESSION_TOKEN].map((secret) => secret ?? '');

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly output: string; readonly stdout: string }>;
}

function crpbot(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = TEST_CREDENTIALS, mostBlocks?: number): Run {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  const limit = mostBlocks === undefined ? '' : `ulimit -f ${mostBlocks}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', process.execPath, join(projectRoot, 'bin/crpbot.js'), ...args], { cwd, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.on('close', (status) => resolve({ status, output, stdout }))) };
}

const until = async (ready: () => boolean): Promise<void> => {
  for (let waited = 0; !ready(); waited += 20) {
    if (waited > 40_000) throw new Error('it did not happen');
    await sleep(20);
  }
};

describeWithMoto('crpbot export and import', () => {
  let store: ObjectStore;
  let proxy: FaultyProxy;
  let s3: S3;
  let folder: string;

  beforeAll(async () => {
    Object.assign(process.env, TEST_CREDENTIALS);
    store = await startMoto();
    proxy = await startFaultyProxy(store.endpoint);
    const sdk = await import('@aws-sdk/client-s3');
    s3 = new sdk.S3({ endpoint: store.endpoint, forcePathStyle: true, region: 'us-east-1' });
    await s3.createBucket({ Bucket: 'killed' });
  }, 60_000);
  afterAll(() => {
    s3.destroy();
    proxy.stop();
    store.stop();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'export-cli-'));
    proxy.requests.length = 0;
    proxy.fault = () => undefined;
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const partNumber = ({ query }: { readonly query: URLSearchParams }): number => Number(query.get('partNumber'));

  it('killed in the middle of a file, each goes on where it was', async () => {
    const content = seededBytes(7 * PART_BYTES + 1000, 21);
    mkdirSync(join(folder, 'results'));
    mkdirSync(join(folder, 'models/new'), { recursive: true });
    writeFileSync(join(folder, 'results/large.bin'), content);
    writeFileSync(join(folder, 'models/new/model.safetensors'), 'weights');
    writeFileSync(join(folder, 'other.txt'), 'not asked for');

    // Four parts at a time: the first four arrive, the others hang until the process is killed.
    let release = (): void => undefined;
    const hang = new Promise<void>((resolve) => (release = resolve));
    const command = ['export', 's3://killed/run', '--endpoint', proxy.endpoint];
    proxy.fault = (request) => (partNumber(request) > 4 ? { kind: 'wait', until: hang } : undefined);
    const first = crpbot(folder, command);
    const arrived = (): number[] => proxy.requests.filter((request) => partNumber(request) > 0 && request.status === 200).map(partNumber).sort((a, b) => a - b);
    await until(() => arrived().length === 4 && proxy.requests.some((request) => partNumber(request) > 4));
    first.child.kill('SIGKILL');
    await first.ended;
    expect(arrived()).toEqual([1, 2, 3, 4]);
    // What hung is lost, as with the connection.
    proxy.fault = () => undefined;
    proxy.requests.length = 0;

    const second = await crpbot(folder, [...command, '--json']).ended;
    expect(second.status, second.output).toBe(0);
    release();
    expect(proxy.requests.map(partNumber).filter((number) => number > 0).sort()).toEqual([5, 6, 7, 8]);
    const report = JSON.parse(second.stdout) as { resumedBytes: number; files: { name: string; done: string }[] };
    expect(report.resumedBytes).toBe(4 * PART_BYTES);
    expect(report.files.map(({ name }) => name)).toEqual(['results/large.bin', 'models/new/model.safetensors']);

    proxy.requests.length = 0;
    let slow = true;
    proxy.fault = ({ path }) => (slow && path.endsWith('large.bin') ? { kind: 'cut', afterBytes: 20_000_000 } : undefined);
    const fetching = ['import', 's3://killed/run', '--out', 'back', '--endpoint', proxy.endpoint];
    const third = crpbot(folder, fetching);
    const partial = (): string | undefined => (statSync(join(folder, 'back/results'), { throwIfNoEntry: false }) === undefined ? undefined : readdirSync(join(folder, 'back/results')).find((name) => name.endsWith('.partial')));
    await until(() => {
      const name = partial();
      return name !== undefined && (statSync(join(folder, 'back/results', name), { throwIfNoEntry: false })?.size ?? 0) > 1_000_000;
    });
    third.child.kill('SIGKILL');
    await third.ended;
    const have = statSync(join(folder, 'back/results', partial() ?? '')).size;
    slow = false;
    proxy.requests.length = 0;
    const fourth = await crpbot(folder, fetching).ended;
    expect(fourth.status, fourth.output).toBe(0);
    expect(proxy.requests.find(({ path }) => path.endsWith('large.bin'))?.headers.range).toBe(`bytes=${have}-`);
    expect(readFileSync(join(folder, 'back/results/large.bin')).equals(content)).toBe(true);
    expect(readFileSync(join(folder, 'back/models/new/model.safetensors'), 'utf8')).toBe('weights');
  }, 120_000);

  it('Ctrl-C ends it within seconds, and says that nothing is lost', async () => {
    mkdirSync(join(folder, 'results'));
    writeFileSync(join(folder, 'results/large.bin'), seededBytes(PART_BYTES + 1, 22));
    proxy.fault = (request) => (partNumber(request) > 0 ? { kind: 'wait', until: sleep(20_000, undefined, { ref: false }) } : undefined);
    const run = crpbot(folder, ['export', 's3://killed/stopped', '--endpoint', proxy.endpoint]);
    await until(() => proxy.requests.some((request) => partNumber(request) > 0));
    const begun = performance.now();
    run.child.kill('SIGINT');
    const { status, output } = await run.ended;
    expect(performance.now() - begun).toBeLessThan(2000);
    expect([status, output]).toEqual([1, expect.stringMatching(/stopped before the end of the upload\n {2}hint: run the same command again/)]);
  });

  it('a disk that fills up in the middle is told, and what was fetched is kept', async () => {
    mkdirSync(join(folder, 'results'));
    writeFileSync(join(folder, 'results/a.bin'), seededBytes(3_000_000, 23));
    const endpoint = ['--endpoint', proxy.endpoint];
    await crpbot(folder, ['export', 's3://killed/full', ...endpoint]).ended;
    // A limit on the size of files stands for the full disk: 1000 blocks of 1024 bytes.
    const full = crpbot(folder, ['import', 's3://killed/full', '--out', 'back', ...endpoint], TEST_CREDENTIALS, 1000);
    expect(await full.ended).toMatchObject({ status: 2, output: expect.stringMatching(/no room left for back\/results\/a\.bin/) as string });
    expect(readdirSync(join(folder, 'back/results'))).toEqual([expect.stringMatching(/^a\.bin\.s3-[0-9a-f]{16}\.partial$/)]);
    const { output } = await crpbot(folder, ['import', 's3://killed/full', '--out', 'back', ...endpoint]).ended;
    expect(output).toContain('1,024,000 bytes were there from an interrupted import');
    expect(readFileSync(join(folder, 'back/results/a.bin')).equals(seededBytes(3_000_000, 23))).toBe(true);
  });

  it('never prints or stores a credential, whatever goes wrong', async () => {
    mkdirSync(join(folder, 'results'));
    writeFileSync(join(folder, 'results/a.csv'), 'a');
    const echo = `${secrets.join(' ')} <AWSAccessKeyId>${secrets[0] ?? ''}</AWSAccessKeyId>`;
    const answers = [errorBody('SignatureDoesNotMatch', `not for ${secrets.join(' ')}`, echo), errorBody('Nonsense', `nonsense for ${secrets.join(' ')}`, echo)];
    for (const body of answers) {
      proxy.fault = () => ({ kind: 'answer', status: 403, body });
      const { output } = await crpbot(folder, ['export', 's3://killed/x', '--endpoint', proxy.endpoint, '--debug', '--json']).ended;
      expect(output).toContain('error');
      for (const secret of secrets) expect(output).not.toContain(secret);
      const error: unknown = await exportToBucket('s3://killed/x', { endpoint: proxy.endpoint, paths: [join(folder, 'results')] }).catch((thrown: unknown) => thrown);
      const everything = inspect(error, { depth: Infinity, showHidden: true });
      for (const secret of [...secrets, 'Authorization', 'authorization']) expect(everything).not.toContain(secret);
    }
    proxy.fault = () => undefined;
    const { output, status } = await crpbot(folder, ['export', 's3://killed/x', '--endpoint', proxy.endpoint, '--debug']).ended;
    expect(status, output).toBe(0);
    const stored = (await (await s3.getObject({ Bucket: 'killed', Key: 'x/crpbot-export.json' })).Body?.transformToString()) ?? '';
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(left).toEqual(['a.csv']);
    for (const secret of secrets) expect(output + stored).not.toContain(secret);
  }, 60_000);
});

describe('crpbot export without a store', () => {
  const none = { AWS_CONFIG_FILE: '/nonexistent/config', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials', AWS_EC2_METADATA_DISABLED: 'true' };
  const results = mkdtempSync(join(tmpdir(), 'export-none-'));
  mkdirSync(join(results, 'results'));
  writeFileSync(join(results, 'results/a.csv'), 'a');
  afterAll(() => rmSync(results, { recursive: true, force: true }));
  const codeOf = async (args: readonly string[], env: Readonly<Record<string, string>> = none): Promise<{ readonly code: string; readonly output: string; readonly status: number | null }> => {
    const { stdout, output, status } = await crpbot(results, [...args, '--json'], env).ended;
    return { code: (JSON.parse(stdout) as { error: { code: string } }).error.code, output, status };
  };

  it('asks for credentials, and where they may come from', async () => {
    const { code, output, status } = await codeOf(['export', 's3://bucket/x', '--endpoint', 'http://127.0.0.1:1']);
    expect([code, status]).toEqual(['bucket-credentials-missing', 1]);
    expect(output).toContain('AWS_ACCESS_KEY_ID');
  });

  it('does not repeat a password that was written into an address', async () => {
    for (const args of [['export', 's3://AKIAXXXXXXXXXXXXXXXX:hunter2@bucket/x'], ['import', 's3://bucket/x?X-Amz-Signature=hunter2', '--out', 'o'], ['export', 's3://bucket/x', '--endpoint', 'https://me:hunter2@host']]) {
      const { code, output, status } = await codeOf(args);
      expect([code, status]).toEqual([args.includes('--endpoint') ? 'bucket-endpoint' : 'bucket-url', 2]);
      expect(output).not.toContain('hunter2');
    }
  });
});
