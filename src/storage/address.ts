import { InputError } from '../errors.js';

/** Where an export lies: `s3://bucket/prefix`. */
export interface BucketAddress {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the bucket itself. */
  readonly prefix: string;
}

/** Most bytes of an object's name. */
const LONGEST_KEY = 1024;

/**
 * Reads `s3://bucket/prefix`.
 * @throws InputError `bucket-url`; what may be a key or a password in the address is not repeated
 */
export function parseBucketAddress(text: string): BucketAddress {
  const refuse = (why: string, shown = text): never => {
    throw new InputError(`${shown} is no place in a bucket: ${why}`, { code: 'bucket-url', hint: 'write it as s3://bucket/folder; another store than AWS is named by --endpoint' });
  };
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text.trim()) ?? [];
  if (/[@?#]/.test(text)) refuse('keys, passwords and parameters do not belong into the address', `${scheme ?? ''}://...`);
  if (scheme === undefined || rest === undefined) return refuse('it does not begin with s3://');
  if (scheme.toLowerCase() !== 's3') return refuse(`it begins with ${scheme}://, not with s3://`);
  const [bucket = '', ...folders] = rest.replace(/\/+$/, '').split('/');
  if (bucket === '') refuse('the bucket is missing');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(bucket)) refuse(`${JSON.stringify(bucket)} is no name of a bucket`);
  const prefix = folders.join('/');
  const wrong = prefix === '' ? undefined : whyUnsafe(prefix);
  if (wrong !== undefined) refuse(wrong);
  return { bucket, prefix };
}

/** The object's name of a file of an export. */
export function keyOf(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}/${name}`;
}

export function addressText({ bucket, prefix }: BucketAddress, name = ''): string {
  const key = name === '' ? prefix : keyOf(prefix, name);
  return `s3://${bucket}${key === '' ? '' : `/${key}`}`;
}

/**
 * Why a name cannot stand for a file below a folder, on any system: it would leave the folder (`../`, `/etc`, `C:\`),
 * or has characters that names of files or objects may not have. Undefined when it can.
 */
export function whyUnsafe(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (/[\u0000-\u001f\u007f\ufffd]/u.test(name)) return 'it has characters that cannot be printed'; // eslint-disable-line no-control-regex
  if (name.includes('\\')) return 'it has a backslash';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'it is absolute';
  const parts = name.split('/');
  if (parts.includes('..')) return 'it leaves the folder';
  if (parts.some((part) => part === '' || part === '.')) return 'a folder in it has no name';
  if (parts.some((part) => Buffer.byteLength(part) > 255) || Buffer.byteLength(name) > LONGEST_KEY) return 'it is too long';
  return undefined;
}
