import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../../src/workflows/distributed/queue-address.js';
import { connectQueue } from '../../../src/workflows/distributed/queue-connection.js';
import { describeWhen } from '../../support/requirements.js';
import { freePort, hasRedis, startRedis } from './processes.js';

async function connecting(url: string, notes: string[] = [], giveUpAfterMs = 1_000) {
  return connectQueue(parseQueueAddress(url), { giveUpAfterMs, onNote: (note) => notes.push(note) });
}

/** A server that answers every command of a client with the same line. */
async function answering(line: (command: string) => string): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      for (const command of data.toString().split(/\*\d+\r\n/).slice(1)) socket.write(line(command.toLowerCase()));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

describe('a queue that is not there', () => {
  it('is a TemporaryError after a few tries, without the password', async () => {
    const port = await freePort();
    const started = Date.now();
    await expect(connecting(`redis://:secret@127.0.0.1:${port}`)).rejects.toMatchObject({
      name: 'TemporaryError',
      code: 'queue-unreachable',
      message: expect.stringMatching(new RegExp(`^the queue at redis://127.0.0.1:${port} cannot be reached: .*ECONNREFUSED`)) as string,
    });
    expect(Date.now() - started).toBeLessThan(6_000);
  });
  it('a name that does not exist', async () => {
    await expect(connecting('redis://no-such-host.invalid')).rejects.toMatchObject({ code: 'queue-unreachable' });
  });
  it('an old Redis is named', async () => {
    const info = '# Server\r\nredis_version:5.0.14\r\n';
    const server = await answering((command) => (command.includes('info') && !command.includes('setinfo') ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n'));
    await expect(connecting(`redis://127.0.0.1:${server.port}`)).rejects.toMatchObject({ name: 'SetupError', code: 'queue-too-old', message: expect.stringContaining('5.0.14') as string });
    server.close();
  });
});

describeWhen(hasRedis, 'a Redis', 'redis-server is not installed (apt install redis-server)', () => {
  it('a wrong or missing password is wrong input', async () => {
    const port = await freePort();
    const redis = await startRedis(tmpdir(), port, ['--requirepass', 'right']);
    for (const given of ['', ':wrong@']) {
      await expect(connecting(`redis://${given}127.0.0.1:${port}`)).rejects.toMatchObject({ name: 'InputError', code: 'queue-refused', message: expect.not.stringContaining('wrong@') as string });
    }
    (await connecting(`redis://:right@127.0.0.1:${port}`)).close();
    await redis.end();
  });
  it('that may drop jobs gets a note', async () => {
    const port = await freePort();
    const redis = await startRedis(tmpdir(), port, ['--maxmemory-policy', 'allkeys-lru']);
    const notes: string[] = [];
    (await connecting(`redis://127.0.0.1:${port}`, notes)).close();
    expect(notes).toEqual([`redis://127.0.0.1:${port} may drop jobs when its memory is full: maxmemory-policy is allkeys-lru, a queue needs noeviction`]);
    await redis.end();
  });
  it('that goes away is told once, and told again when it is back; if it stays away, that is an error', async () => {
    const port = await freePort();
    let redis = await startRedis(tmpdir(), port);
    const notes: string[] = [];
    const connection = await connecting(`redis://127.0.0.1:${port}`, notes, 2_000);
    await redis.end('SIGKILL');
    await expect.poll(() => notes.length, { timeout: 5_000 }).toBe(1);
    redis = await startRedis(tmpdir(), port);
    await expect.poll(() => notes, { timeout: 5_000 }).toEqual([expect.stringContaining('was lost') as string, `redis://127.0.0.1:${port} is back`]);
    await redis.end('SIGKILL');
    await expect(connection.lost).rejects.toMatchObject({ code: 'queue-unreachable' });
    connection.close();
  });
});
