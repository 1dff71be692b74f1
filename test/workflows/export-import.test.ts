import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRandom } from '../../src/random.js';
import { partialName } from '../../src/storage/download-file.js';
import { PART_BYTES } from '../../src/storage/hash-parts.js';
import { exportToBucket, type ExportOptions } from '../../src/workflows/export-to-bucket.js';
import { importFromBucket } from '../../src/workflows/import-from-bucket.js';
import { errorBody, startFaultyProxy, type Fault, type FaultyProxy, type ProxiedRequest } from '../support/object-store/faulty-proxy.js';
import { describeWithMoto, startMoto, TEST_CREDENTIALS, type ObjectStore } from '../support/object-store/moto.js';
import { seededBytes } from '../support/seeded-bytes.js';

describeWithMoto('export and import through a store on loopback', () => {
  let store: ObjectStore;
  let proxy: FaultyProxy;
  let s3: S3;
  let folder: string;
  let bucket: string;
  let buckets = 0;

  beforeAll(async () => {
    Object.assign(process.env, TEST_CREDENTIALS);
    store = await startMoto();
    proxy = await startFaultyProxy(store.endpoint);
    const sdk = await import('@aws-sdk/client-s3');
    s3 = new sdk.S3({ endpoint: store.endpoint, forcePathStyle: true, region: 'us-east-1' });
  }, 60_000);

  afterAll(() => {
    s3.destroy();
    proxy.stop();
    store.stop();
  });

  beforeEach(async () => {
    bucket = `exports-${++buckets}`;
    await s3.createBucket({ Bucket: bucket });
    folder = mkdtempSync(join(tmpdir(), 'export-'));
    proxy.requests.length = 0;
    proxy.fault = () => undefined;
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const to = (): string => `s3://${bucket}/runs/one`;
  const upload = (path: string, options: ExportOptions = {}) => exportToBucket(to(), { endpoint: proxy.endpoint, paths: [path], ...options });
  const fetchAll = (options: Partial<Parameters<typeof importFromBucket>[1]> = {}) => importFromBucket(to(), { endpoint: proxy.endpoint, out: join(folder, 'back'), ...options });
  const partsSent = (requests: readonly ProxiedRequest[] = proxy.requests): number[] =>
    requests.filter(({ method, query }) => method === 'PUT' && query.has('partNumber')).map(({ query }) => Number(query.get('partNumber'))).sort((a, b) => a - b);
  const bodiesSent = (): ProxiedRequest[] => proxy.requests.filter(({ method }) => method === 'PUT');

  it('brings files of any size back as they were, empty and many parts long', async () => {
    file('results/evaluation_results.csv', 'symbol,accuracy\nBTC,0.53\n');
    file('results/empty.log', '');
    file('results/deep/est/größe 1+1.txt', 'ünïcode, blanks and signs');
    file('results/exact.bin', seededBytes(PART_BYTES, 1));
    file('results/large.bin', seededBytes(2 * PART_BYTES + 12_345, 2));
    const report = await upload(join(folder, 'results'));
    expect(report.files.map(({ done, verifiedBy }) => [done, verifiedBy])).toEqual(Array.from({ length: 5 }, () => ['uploaded', 'sha256']));
    expect(partsSent()).toEqual([1, 2, 3]);

    await fetchAll();
    for (const name of ['evaluation_results.csv', 'empty.log', 'deep/est/größe 1+1.txt', 'exact.bin', 'large.bin']) {
      expect(readFileSync(join(folder, 'back/results', name)).equals(readFileSync(join(folder, 'results', name))), name).toBe(true);
    }
    expect(readdirSync(join(folder, 'back/results')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('encrypts every object and makes none public', async () => {
    file('results/a.csv', 'a');
    file('results/large.bin', seededBytes(PART_BYTES + 1, 3));
    await upload(join(folder, 'results'));
    const begun = proxy.requests.filter(({ method, query }) => (method === 'PUT' && !query.has('partNumber')) || (method === 'POST' && query.has('uploads')));
    expect(begun.map(({ headers }) => headers['x-amz-server-side-encryption'])).toEqual(['AES256', 'AES256', 'AES256']);
    expect(proxy.requests.filter(({ headers, query }) => 'x-amz-acl' in headers || query.has('acl'))).toEqual([]);
    expect((await s3.headObject({ Bucket: bucket, Key: 'runs/one/results/large.bin' })).ServerSideEncryption).toBe('AES256');

    await upload(join(folder, 'results'), { kmsKey: 'alias/mine' });
    const head = await s3.headObject({ Bucket: bucket, Key: 'runs/one/results/a.csv' });
    expect([head.ServerSideEncryption, head.SSEKMSKeyId]).toEqual(['aws:kms', 'alias/mine']);
  });

  it('uploads only what changed, and keeps what an earlier export listed', async () => {
    file('results/a.csv', 'first');
    file('results/b.csv', 'same');
    await upload(join(folder, 'results'));
    file('results/a.csv', 'other');
    const other = file('models/m.safetensors', 'weights');
    proxy.requests.length = 0;
    expect((await upload(join(folder, 'results'))).files.map(({ done }) => done)).toEqual(['uploaded', 'unchanged']);
    await upload(other);
    expect(bodiesSent().map(({ path }) => path.split('/').at(-1))).toEqual(['a.csv', 'crpbot-export.json', 'm.safetensors', 'crpbot-export.json']);
    expect((await fetchAll()).files.map(({ name }) => name)).toEqual(['m.safetensors', 'results/a.csv', 'results/b.csv']);
  });

  it('says under --dry-run what it would do, and writes nothing', async () => {
    file('results/a.csv', 'a');
    expect((await upload(join(folder, 'results'), { dryRun: true })).files.map(({ done }) => done)).toEqual(['would-upload']);
    expect(bodiesSent()).toEqual([]);
    await upload(join(folder, 'results'));
    expect((await fetchAll({ dryRun: true })).files.map(({ done }) => done)).toEqual(['would-fetch']);
    expect(existsSync(join(folder, 'back'))).toBe(false);
  });

  it('goes on with an interrupted upload: parts that are there are not sent again', async () => {
    file('results/large.bin', seededBytes(5 * PART_BYTES, 4));
    proxy.fault = ({ query }) => (Number(query.get('partNumber')) > 2 ? { kind: 'answer', status: 403, body: errorBody('ExpiredToken') } : undefined);
    await expect(upload(join(folder, 'results'))).rejects.toMatchObject({ code: 'bucket-credentials-expired' });
    const arrived = partsSent(proxy.requests.filter(({ status }) => status === 200));
    expect(arrived).toEqual([1, 2]);
    proxy.fault = () => undefined;
    proxy.requests.length = 0;
    const report = await upload(join(folder, 'results'));
    expect(partsSent()).toEqual([3, 4, 5]);
    expect([report.uploadedBytes, report.resumedBytes]).toEqual([3 * PART_BYTES, 2 * PART_BYTES]);
    await fetchAll();
    expect(readFileSync(join(folder, 'back/results/large.bin')).equals(seededBytes(5 * PART_BYTES, 4))).toBe(true);
  });

  it('begins anew, and says so, where it may not ask for unfinished uploads', async () => {
    file('results/large.bin', seededBytes(PART_BYTES + 1, 15));
    proxy.fault = ({ method, query }) => (method === 'GET' && query.has('uploads') ? { kind: 'answer', status: 403, body: errorBody('AccessDenied') } : undefined);
    const report = await upload(join(folder, 'results'));
    expect(report.notes.join()).toContain('s3:ListBucketMultipartUploads');
    expect(partsSent()).toEqual([1, 2]);
  });

  it('sends of a file that changed since only the parts that did', async () => {
    const path = file('results/large.bin', seededBytes(3 * PART_BYTES, 5));
    proxy.fault = ({ method, query }) => (method === 'POST' && query.has('uploadId') ? { kind: 'answer', status: 403, body: errorBody('AccessDenied') } : undefined);
    await expect(upload(path)).rejects.toMatchObject({ code: 'bucket-access-denied' });
    proxy.fault = () => undefined;
    proxy.requests.length = 0;
    const changed = seededBytes(3 * PART_BYTES, 5);
    changed[PART_BYTES + 7] = (changed[PART_BYTES + 7] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await upload(path);
    expect(partsSent()).toEqual([2]);
    expect(Buffer.from((await (await s3.getObject({ Bucket: bucket, Key: 'runs/one/large.bin' })).Body?.transformToByteArray()) ?? []).equals(changed)).toBe(true);
  });

  it('goes on with an interrupted import from the byte where it broke', async () => {
    const content = seededBytes(3_000_000, 6);
    file('results/data.bin', content);
    await upload(join(folder, 'results'));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const partial = partialName(join(folder, 'back/results/data.bin'), sha256);
    mkdirSync(dirname(partial), { recursive: true });
    writeFileSync(partial, content.subarray(0, 2_000_000));
    proxy.requests.length = 0;
    expect(await fetchAll()).toMatchObject({ fetchedBytes: 1_000_000, resumedBytes: 2_000_000 });
    expect(proxy.requests.at(-1)?.headers.range).toBe('bytes=2000000-');
    expect(readFileSync(join(folder, 'back/results/data.bin')).equals(content)).toBe(true);

    proxy.requests.length = 0;
    expect((await fetchAll()).files.map(({ done }) => done)).toEqual(['unchanged']);
    expect(proxy.requests.map(({ path }) => path)).toEqual([`/${bucket}/runs/one/crpbot-export.json`]);
  });

  it('begins anew where the rest of an earlier import was of other content', async () => {
    const content = seededBytes(100_000, 7);
    file('results/data.bin', content);
    await upload(join(folder, 'results'));
    const partial = partialName(join(folder, 'back/results/data.bin'), createHash('sha256').update(content).digest('hex'));
    mkdirSync(dirname(partial), { recursive: true });
    writeFileSync(partial, Buffer.alloc(40_000));
    await fetchAll();
    expect(readFileSync(join(folder, 'back/results/data.bin')).equals(content)).toBe(true);
  });

  it('takes a connection that breaks in the middle of a file up again', async () => {
    const content = seededBytes(4_000_000, 8);
    file('results/data.bin', content);
    await upload(join(folder, 'results'));
    let cuts = 0;
    proxy.requests.length = 0;
    proxy.fault = ({ path }) => (path.endsWith('data.bin') && ++cuts <= 3 ? { kind: 'cut', afterBytes: 1_000_000 } : undefined);
    await fetchAll();
    const ranges = proxy.requests.filter(({ path }) => path.endsWith('data.bin')).map(({ headers }) => Number(/=(\d+)/.exec(headers.range ?? '=0')?.[1]));
    expect(ranges).toHaveLength(4);
    expect(ranges).toEqual([...ranges].sort((a, b) => a - b));
    expect(ranges[3]).toBeGreaterThan(1_000_000);
    expect(readFileSync(join(folder, 'back/results/data.bin')).equals(content)).toBe(true);
  });

  it('gets everything through a line where every fourth request fails', async () => {
    for (let i = 0; i < 12; i++) file(`results/${i}.bin`, seededBytes(20_000 * i, i));
    file('results/large.bin', seededBytes(3 * PART_BYTES + 5, 99));
    const draw = createRandom(11);
    const faults: Fault[] = [{ kind: 'drop' }, { kind: 'answer', status: 503, body: errorBody('SlowDown') }, { kind: 'answer', status: 500, body: errorBody('InternalError') }, { kind: 'cut', afterBytes: 0 }];
    let failed = 0;
    proxy.fault = () => {
      if (draw() > 0.25) return undefined;
      failed += 1;
      return faults[Math.floor(draw() * faults.length)];
    };
    await upload(join(folder, 'results'));
    await fetchAll();
    expect(failed).toBeGreaterThan(10);
    for (const name of readdirSync(join(folder, 'results'))) expect(readFileSync(join(folder, 'back/results', name)).equals(readFileSync(join(folder, 'results', name))), name).toBe(true);
  }, 60_000);

  it('works with a store that knows no SHA-256: MD5, or reading back where the ETag is none', async () => {
    file('results/a.csv', 'a');
    file('results/large.bin', seededBytes(PART_BYTES + 1, 12));
    const refuse: Fault = { kind: 'answer', status: 501, body: errorBody('NotImplemented', 'A header you provided implies functionality that is not implemented: x-amz-checksum-sha256') };
    const strip = (headers: Record<string, unknown>): void => {
      for (const name of Object.keys(headers)) if (name.startsWith('x-amz-checksum')) Reflect.deleteProperty(headers, name);
    };
    const oldStore = ({ headers }: ProxiedRequest): Fault => (headers['x-amz-checksum-sha256'] !== undefined || headers['x-amz-checksum-algorithm'] !== undefined ? refuse : { kind: 'edit', edit: strip });
    proxy.fault = oldStore;
    const report = await upload(join(folder, 'results'));
    expect(report.files.map(({ verifiedBy }) => verifiedBy)).toEqual(['md5', 'md5']);
    expect(report.notes.join()).toContain('MD5');

    proxy.fault = (request) => {
      const plain = oldStore(request);
      return plain.kind === 'edit' ? { kind: 'edit', edit: (headers) => { strip(headers); headers.etag = '"opaque"'; } } : plain;
    };
    file('results/a.csv', 'b');
    expect((await upload(join(folder, 'results'))).files.map(({ done, verifiedBy }) => [done, verifiedBy])).toEqual([['uploaded', 'read-back'], ['uploaded', 'read-back']]);
    expect((await upload(join(folder, 'results'))).files.map(({ done, verifiedBy }) => [done, verifiedBy])).toEqual([['unchanged', 'recorded'], ['unchanged', 'recorded']]);
  });

  it('refuses an export that another content took the place of, or that was half uploaded', async () => {
    const path = file('results/a.csv', 'what was exported');
    await upload(join(folder, 'results'));
    const replace = (content: string) => s3.putObject({ Bucket: bucket, Key: 'runs/one/results/a.csv', Body: content });
    await replace('WHAT WAS EXPORTED');
    await expect(fetchAll()).rejects.toMatchObject({ code: 'object-differs', message: expect.stringContaining('other content') as string });
    await replace('what was');
    await expect(fetchAll()).rejects.toMatchObject({ code: 'object-differs', message: expect.stringContaining('8 bytes of 17') as string });
    await s3.deleteObject({ Bucket: bucket, Key: 'runs/one/results/a.csv' });
    await expect(fetchAll()).rejects.toMatchObject({ code: 'object-differs' });
    expect(existsSync(join(folder, 'back/results/a.csv'))).toBe(false);
    expect((await upload(join(folder, 'results'))).files.map(({ done }) => done)).toEqual(['uploaded']);
    await fetchAll();
    expect(readFileSync(join(folder, 'back/results/a.csv'))).toEqual(readFileSync(path));
  });

  it('notices an object that does not arrive as it was sent', async () => {
    file('results/a.csv', 'right');
    proxy.fault = ({ method, path }) => {
      if (method === 'HEAD' && path.endsWith('a.csv') && proxy.requests.some(({ method: sent }) => sent === 'PUT')) return { kind: 'edit', edit: (headers) => void (headers['x-amz-checksum-sha256'] = createHash('sha256').update('wrong').digest('base64')) };
      return undefined;
    };
    await expect(upload(join(folder, 'results'))).rejects.toMatchObject({ code: 'export-not-verified' });
    expect(bodiesSent().some(({ path }) => path.endsWith('crpbot-export.json'))).toBe(false);
  });

  const writeManifest = (files: readonly unknown[]) => s3.putObject({ Bucket: bucket, Key: 'runs/one/crpbot-export.json', Body: JSON.stringify({ format: 'crpbot-export', version: 1, files }) });
  const entry = (name: string, bytes = 1) => ({ name, bytes, sha256: createHash('sha256').update('x').digest('hex') });

  it('writes nothing outside the folder', async () => {
    for (const name of ['../outside', 'a/../../outside', '/etc/outside', 'C:/outside', 'a\\..\\outside', 'a//b', './a', '']) {
      await writeManifest([entry('fine'), entry(name)]);
      await expect(fetchAll(), name).rejects.toMatchObject({ code: 'import-unsafe-name' });
    }
    expect(existsSync(join(folder, 'back'))).toBe(false);
    mkdirSync(join(folder, 'back'));
    symlinkSync(folder, join(folder, 'back/link'));
    await writeManifest([entry('link/outside')]);
    await s3.putObject({ Bucket: bucket, Key: 'runs/one/link/outside', Body: 'x' });
    await expect(fetchAll()).rejects.toMatchObject({ code: 'import-unsafe-name' });
    expect(existsSync(join(folder, 'outside'))).toBe(false);
  });

  it('refuses what is no export, and more than fits on the disk', async () => {
    await expect(fetchAll()).rejects.toMatchObject({ code: 'export-missing' });
    await s3.putObject({ Bucket: bucket, Key: 'runs/one/crpbot-export.json', Body: '{"format":' });
    await expect(fetchAll()).rejects.toMatchObject({ code: 'export-manifest-unreadable' });
    await writeManifest([entry('huge', 2 ** 52)]);
    await expect(fetchAll()).rejects.toMatchObject({ code: 'import-no-room' });
  });

  it('replaces a file of other content only when told to', async () => {
    file('results/a.csv', 'exported');
    await upload(join(folder, 'results'));
    file('back/results/a.csv', 'my own');
    await expect(fetchAll()).rejects.toMatchObject({ code: 'import-would-replace' });
    expect(readFileSync(join(folder, 'back/results/a.csv'), 'utf8')).toBe('my own');
    await fetchAll({ overwrite: true });
    expect(readFileSync(join(folder, 'back/results/a.csv'), 'utf8')).toBe('exported');
  });

  it('leaves out hidden files, links and what is half written, and says so', async () => {
    file('results/a.csv', 'a');
    file('results/.env', 'SECRET=1');
    file('results/b.csv.1.partial', 'half');
    symlinkSync('/etc/passwd', join(folder, 'results/link'));
    const report = await upload(join(folder, 'results'));
    expect(report.files.map(({ name }) => name)).toEqual(['results/a.csv']);
    expect(report.leftOut.map(({ reason }) => reason).sort()).toEqual(['a link', 'half written', 'hidden']);
  });

  it('refuses a bucket that everybody may read', async () => {
    file('results/a.csv', 'a');
    await s3.putBucketPolicy({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }] }) });
    await expect(upload(join(folder, 'results'))).rejects.toMatchObject({ code: 'bucket-public' });
    expect(bodiesSent()).toEqual([]);
  });

  it('tells what a store refuses', async () => {
    const path = file('results/a.csv', 'a');
    const answers: readonly [string, Fault][] = [
      ['bucket-credentials-expired', { kind: 'answer', status: 400, body: errorBody('ExpiredToken', 'The provided token has expired.') }],
      ['bucket-credentials-refused', { kind: 'answer', status: 403, body: errorBody('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', '<AWSAccessKeyId>AKIATESTKEYTESTKEY00</AWSAccessKeyId>') }],
      ['bucket-access-denied', { kind: 'answer', status: 403, body: errorBody('AccessDenied', 'Access Denied') }],
      ['bucket-other-region', { kind: 'answer', status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, body: errorBody('PermanentRedirect', 'The bucket you are attempting to access must be addressed using the specified endpoint.', `<Endpoint>${'x'}.s3.eu-west-1.amazonaws.com</Endpoint>`) }],
      ['bucket-other-region', { kind: 'answer', status: 400, body: errorBody('AuthorizationHeaderMalformed', 'the region us-east-1 is wrong; expecting eu-west-1', '<Region>eu-west-1</Region>') }],
      ['bucket-clock', { kind: 'answer', status: 403, body: errorBody('RequestTimeTooSkewed') }],
      ['bucket-busy', { kind: 'answer', status: 503, body: errorBody('SlowDown', 'Please reduce your request rate.') }],
      ['bucket-unreachable', { kind: 'drop' }],
      ['endpoint-no-store', { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><html><body>Welcome<br></body></html>' }],
    ];
    for (const [code, fault] of answers) {
      proxy.fault = () => fault;
      const error = await upload(path, { attempts: 2 }).catch((thrown: unknown) => thrown);
      expect(error, JSON.stringify(fault)).toMatchObject({ code });
      expect((error as { hint?: string }).hint).toMatch(/\w/);
      if (code === 'bucket-other-region') expect((error as Error).message + ((error as { hint?: string }).hint ?? '')).toContain('--region eu-west-1');
    }
    await expect(exportToBucket('s3://no-such-bucket-here/x', { endpoint: store.endpoint, paths: [path] })).rejects.toMatchObject({ code: 'bucket-missing' });
    await expect(exportToBucket(to(), { endpoint: 'http://127.0.0.1:1', paths: [path], attempts: 2 })).rejects.toMatchObject({ code: 'bucket-unreachable' });
  });

  it('tells of a refusal in the middle too, where an answer to HEAD cannot say why', async () => {
    const path = file('results/a.csv', 'a');
    proxy.fault = ({ path: asked }) => (asked.endsWith('a.csv') ? { kind: 'answer', status: 400, body: errorBody('ExpiredToken') } : undefined);
    await expect(upload(path)).rejects.toMatchObject({ code: 'bucket-credentials-expired' });
    proxy.fault = ({ method, headers }) => (method === 'PUT' && headers['x-amz-server-side-encryption'] === 'aws:kms' ? { kind: 'answer', status: 400, body: errorBody('KMS.NotFoundException', 'Key does not exist') } : undefined);
    await expect(upload(path, { kmsKey: 'no-such-key' })).rejects.toMatchObject({ code: 'kms-key-unusable' });
    proxy.fault = ({ method }) => (method === 'PUT' ? { kind: 'answer', status: 501, body: errorBody('NotImplemented', 'Server side encryption specified but KMS is not configured') } : undefined);
    await expect(upload(path, { attempts: 1 })).rejects.toMatchObject({ code: 'bucket-encryption-refused' });
  });

  it('stops at once when told to, and goes on later', async () => {
    file('results/large.bin', seededBytes(4 * PART_BYTES, 13));
    const abort = new AbortController();
    proxy.fault = ({ query }) => {
      if (query.get('partNumber') !== '3') return undefined;
      setTimeout(() => abort.abort(), 50);
      return { kind: 'wait', until: new Promise((resolve) => setTimeout(resolve, 3000).unref()) };
    };
    const begun = performance.now();
    await expect(exportToBucket(to(), { endpoint: proxy.endpoint, paths: [join(folder, 'results')] }, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - begun).toBeLessThan(2500);
    proxy.fault = () => undefined;
    await upload(join(folder, 'results'));
    await fetchAll();
    expect(readFileSync(join(folder, 'back/results/large.bin')).equals(seededBytes(4 * PART_BYTES, 13))).toBe(true);
  });

  it('refuses a file that is written to while it goes up', async () => {
    const path = file('results/a.csv', seededBytes(100_000, 14));
    proxy.fault = ({ method }) => {
      if (method === 'HEAD') appendFileSync(path, 'more');
      if (method === 'HEAD') truncateSync(path, 50_000);
      return undefined;
    };
    await expect(upload(path)).rejects.toMatchObject({ code: 'export-file-changed' });
  });
});
