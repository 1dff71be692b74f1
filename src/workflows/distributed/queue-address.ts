import { InputError } from '../../errors.js';

/** Where the queue lives, as `redis://[[user]:password@]host[:port][/prefix]` says; `rediss://` is TLS. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** What every key begins with, so that several teams share one Redis. Default `crpbot`. */
  readonly prefix: string;
  /** The address without its password: what messages show. */
  readonly shown: string;
}

/** @throws InputError `queue-address` */
export function parseQueueAddress(text: string): QueueAddress {
  const refuse = (reason: string) =>
    new InputError(`--queue ${withoutPassword(text)}: ${reason}`, { code: 'queue-address', hint: 'write redis://host:6379, redis://:password@host:6379/prefix or rediss://... for TLS' });
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) throw refuse('this is not the address of a Redis');
  const url = new URL(text);
  if (url.hostname === '') throw refuse('it names no host');
  if (url.search !== '' || url.hash !== '') throw refuse('nothing may follow the prefix');
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  if (/^\d+$/.test(prefix)) throw refuse(`"${prefix}" reads as the number of a database, where crpbot wants a prefix of its own`);
  if (!/^[\w.-]*$/.test(prefix)) throw refuse(`the prefix "${prefix}" may hold letters, digits, _, . and - only`);
  const port = url.port === '' ? 6379 : Number(url.port);
  const tls = url.protocol === 'rediss:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    tls,
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    prefix: prefix === '' ? 'crpbot' : prefix,
    shown: `${url.protocol}//${url.hostname}:${port}${prefix === '' ? '' : `/${prefix}`}`,
  };
}

/** Also of an address that is no URL: everything between the scheme and the last @ is taken for a secret. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z]*:?\/*).*@/i, '$1');
}
