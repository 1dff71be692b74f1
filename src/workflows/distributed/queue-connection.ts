import type { Redis } from 'ioredis';
import { InputError, SetupError, TemporaryError } from '../../errors.js';
import type { QueueAddress } from './queue-address.js';

export interface QueueConnection {
  readonly client: Redis;
  /** Rejects with TemporaryError `queue-unreachable` once a lost connection has not come back in time. Never resolves. */
  readonly lost: Promise<never>;
  close(): void;
}

export interface ConnectOptions {
  /** How long a connection that was lost is tried again, ms; a worker never gives up. */
  readonly giveUpAfterMs: number;
  /** What the person should know: the connection was lost, is back, the server may drop keys. */
  readonly onNote: (note: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const TRIES = 4;
/** Before the second try, ms; doubles. */
const FIRST_PAUSE_MS = 250;
const CONNECT_TIMEOUT_MS = 3_000;
/** The oldest Redis that has every command BullMQ's scripts use in the form it recommends. */
const OLDEST = [6, 2] as const;

/**
 * Connects to the queue's Redis and proves that it can serve: reachable, the password right, new enough.
 * @throws TemporaryError `queue-unreachable`; InputError `queue-refused` for a wrong password; SetupError `queue-too-old`
 */
export async function connectQueue(address: QueueAddress, { giveUpAfterMs, onNote, signal }: ConnectOptions): Promise<QueueConnection> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw new SetupError('the Redis client is not installed', { code: 'package-missing', hint: 'run npm ci', cause });
  });
  let connected = false;
  let closed = false;
  let downSince: number | undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => (giveUp = reject));
  lost.catch(() => undefined); // Nobody may be waiting when it happens.

  const retryStrategy = (times: number): number | null => {
    if (!connected || closed) return null;
    if (downSince === undefined) {
      downSince = Date.now();
      onNote(`the connection to ${address.shown} was lost; trying again`);
    }
    if (Date.now() - downSince > giveUpAfterMs) {
      giveUp(unreachable(address, 'the connection was lost and did not come back'));
      return null;
    }
    return Math.min(100 * 2 ** Math.min(times, 5), 2_000);
  };
  const open = () =>
    new Redis({
      host: address.host,
      port: address.port,
      ...(address.tls ? { tls: {} } : {}),
      ...(address.username === undefined ? {} : { username: address.username }),
      ...(address.password === undefined ? {} : { password: address.password }),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: null,
      retryStrategy,
    });

  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const client = open();
    let reason = '';
    client.on('error', (error: Error) => (reason = error.message));
    try {
      await client.connect();
      const info = await client.info();
      checkServer(address, info, onNote);
      connected = true;
      client.on('ready', () => {
        if (downSince !== undefined) onNote(`${address.shown} is back`);
        downSince = undefined;
      });
      const close = () => {
        closed = true;
        client.disconnect();
      };
      return { client, lost, close };
    } catch (error) {
      client.disconnect();
      if (error instanceof SetupError) throw error;
      const told = [reason, error instanceof Error ? error.message : String(error)].filter((text) => text !== '');
      const refused = told.find((text) => /NOAUTH|WRONGPASS|NOPERM|invalid password|without any password/i.test(text));
      if (refused !== undefined) throw wrongPassword(address, refused);
      if (attempt === TRIES) throw unreachable(address, told[0] ?? 'no answer');
    }
    await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
  }
}

/** A failed command as an error of ours: while the connection is gone every one of them fails. */
export function queueFailure(address: QueueAddress, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (/OOM command not allowed/i.test(message)) {
    return new TemporaryError(`${address.shown} is out of memory: ${message}`, { code: 'queue-full', hint: 'raise maxmemory of the Redis, or use one of its own for the queue', cause: error });
  }
  if (/NOAUTH|WRONGPASS|NOPERM/.test(message)) return wrongPassword(address, message);
  if (/connection is closed|ECONN|EPIPE|ETIMEDOUT|LOADING|READONLY|MASTERDOWN/i.test(message)) return unreachable(address, message);
  return error instanceof Error ? error : new Error(message);
}

function checkServer(address: QueueAddress, info: string, onNote: (note: string) => void): void {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? field('valkey_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new SetupError(`${address.shown} runs Redis ${version || 'of an unknown version'}`, { code: 'queue-too-old', hint: `the queue needs Redis ${OLDEST.join('.')} or newer, or Valkey` });
  }
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    onNote(`${address.shown} may drop jobs when its memory is full: maxmemory-policy is ${policy}, a queue needs noeviction`);
  }
}

const unreachable = (address: QueueAddress, reason: string) =>
  new TemporaryError(`the queue at ${address.shown} cannot be reached: ${reason}`, {
    code: 'queue-unreachable',
    hint: 'check host and port, and that the Redis runs and listens to this machine',
  });

const wrongPassword = (address: QueueAddress, reason: string) =>
  new InputError(`the queue at ${address.shown} refuses us: ${reason}`, {
    code: 'queue-refused',
    hint: 'give user and password in the address: redis://user:password@host:6379',
  });
