import { InputError, TemporaryError } from '../errors.js';
import { addressText, whyUnsafe } from './address.js';
import { isMissing } from './stored-object.js';
import type { Store } from './store.js';
import { plainEtag } from './verify-object.js';

/** The object that lists an export's files; `crpbot import` reads nothing that is not in it. */
export const MANIFEST_NAME = 'crpbot-export.json';

export interface ExportedFile {
  /** With `/` between folders: `results/evaluation_results.csv`. */
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** The object's when it was verified: where a store knows no checksums, an object with it is still that one. */
  readonly etag?: string | undefined;
}

export interface ExportManifest {
  readonly files: readonly ExportedFile[];
  /** Of the manifest's own object, to see whether another export wrote it since. */
  readonly etag: string | undefined;
}

const MOST_TRIES = 6;

/**
 * The manifest of an export; undefined when there is none.
 * @throws InputError `export-manifest-unreadable`, `import-unsafe-name`; the store's
 */
export async function readManifest(store: Store): Promise<ExportManifest | undefined> {
  const answer = await store.ask(
    'GetObject', MANIFEST_NAME,
    async (s3, target, http) => {
      const { Body, ETag } = await s3.getObject(target, http);
      return { text: (await Body?.transformToString('utf8')) ?? '', etag: ETag };
    },
    isMissing,
  );
  if (answer === 'absent') return undefined;
  if (store.endpoint !== undefined && answer.text.trimStart().startsWith('<')) {
    throw new InputError(`${store.endpoint} answers with a web page`, { code: 'endpoint-no-store', place: { file: addressText(store.address, MANIFEST_NAME) }, hint: 'check --endpoint: http://host:port of the store’s S3 interface, not of its web page' });
  }
  return { files: parseManifest(answer.text, addressText(store.address, MANIFEST_NAME)), etag: answer.etag };
}

/** @throws InputError `export-manifest-unreadable`, `import-unsafe-name` */
export function parseManifest(text: string, file: string): readonly ExportedFile[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw unreadable(file, 'it is no JSON');
  }
  const { format, version, files } = (typeof read === 'object' ? read : undefined) as { format?: unknown; version?: unknown; files?: unknown } ?? {};
  if (format !== 'crpbot-export' || !Array.isArray(files)) throw unreadable(file, 'it lists no files');
  if (version !== 1) throw unreadable(file, `it is of version ${String(version)}, and this crpbot reads version 1`);
  const names = new Set<string>();
  return (files as unknown[]).map((each) => {
    const { name, bytes, sha256, etag } = (each ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string') throw unreadable(file, 'a file in it has no name');
    const why = whyUnsafe(name);
    if (why !== undefined) {
      throw new InputError(`the export names a file ${JSON.stringify(name)}: ${why}`, { code: 'import-unsafe-name', place: { file }, hint: 'nothing was written; crpbot writes no such export, so do not trust this one' });
    }
    if (!Number.isSafeInteger(bytes) || (bytes as number) < 0 || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw unreadable(file, `size or SHA-256 of ${name} is none`);
    if (names.has(name)) throw unreadable(file, `it lists ${name} twice`);
    names.add(name);
    return { name, bytes: bytes as number, sha256, ...(typeof etag === 'string' && { etag }) };
  });
}

export function manifestText(files: readonly ExportedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify({ format: 'crpbot-export', version: 1, files: sorted }, null, 1)}\n`;
}

/**
 * Adds files to an export's manifest; those it lists already stay, or are replaced under the same name. Of two exports
 * at a time the later one adds to what the earlier one wrote, where the store knows conditional writes.
 * @throws TemporaryError `bucket-busy` when others keep writing it; the store's
 */
export async function addToManifest(store: Store, known: ExportManifest | undefined, added: readonly ExportedFile[]): Promise<void> {
  let before = known;
  for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
    const files = new Map([...(before?.files ?? []), ...added].map((file) => [file.name, file]));
    const text = manifestText([...files.values()]);
    if (before !== undefined && text === manifestText(before.files)) return;
    const written = await writeManifest(store, text, before?.etag);
    if (written === 'written') return;
    if (written === 'not-implemented') store.habits.conditionalWrites = false;
    const now = await readManifest(store);
    // Refused though nobody wrote: this store's ETags are none that it knows again.
    if (now !== undefined && before !== undefined && manifestText(now.files) === manifestText(before.files)) store.habits.conditionalWrites = false;
    before = now;
  }
  throw new TemporaryError(`other exports keep writing ${addressText(store.address, MANIFEST_NAME)}`, { code: 'bucket-busy', place: { file: MANIFEST_NAME }, hint: 'wait for them, then run the same command: nothing is uploaded twice' });
}

async function writeManifest(store: Store, text: string, etag: string | undefined): Promise<'written' | 'changed' | 'not-implemented'> {
  const condition = !store.habits.conditionalWrites ? {} : etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: `"${plainEtag(etag) ?? ''}"` };
  return store.ask<'written' | 'changed' | 'not-implemented', 'changed' | 'not-implemented'>(
    'PutObject', MANIFEST_NAME,
    async (s3, target, http) => {
      await s3.putObject({ ...target, ...store.encryption, Body: text, ContentType: 'application/json', ...condition }, http);
      return 'written';
    },
    ({ status, name }) => {
      if (status === 412 || status === 409) return 'changed';
      return store.habits.conditionalWrites && (status === 501 || name === 'NotImplemented') ? 'not-implemented' : undefined;
    },
  );
}

function unreadable(file: string, why: string): InputError {
  return new InputError(`${file} is no list of an export: ${why}`, { code: 'export-manifest-unreadable', place: { file }, hint: 'export again into a prefix of its own, or restore this object' });
}
