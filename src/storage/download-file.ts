import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../errors.js';
import { addressText } from './address.js';
import type { ExportedFile } from './export-manifest.js';
import { isMissing } from './stored-object.js';
import type { Store } from './store.js';
import { isConnectionError } from './store-error.js';

const MOST_TRIES = 8;
const PAUSE_MS = 200;

/** Where a file is collected until it is whole: an interrupted import of the same content goes on from there. */
export function partialName(path: string, sha256: string): string {
  return `${path}.s3-${sha256.slice(0, 16)}.partial`;
}

/**
 * Fetches one file of an export: into a partial file beside it, from where an earlier run ended, verified, then renamed.
 * @throws InputError `object-differs`, `import-no-room`, `cannot-write`, `import-unsafe-name`; the store's
 */
export async function downloadFile(store: Store, folder: string, file: ExportedFile, onBytes: (bytes: number) => void): Promise<void> {
  const path = join(folder, file.name);
  const partial = partialName(path, file.sha256);
  makeFolderInside(folder, path);
  for (const resumed of [existsSync(partial), false]) {
    await fetchInto(partial, store, file, onBytes);
    if ((await hashOf(partial, store.signal)) === file.sha256) {
      writing(path, () => renameSync(partial, path));
      return;
    }
    rmSync(partial, { force: true });
    onBytes(-file.bytes);
    // What an earlier run left may have been of another content; what came in one go is what the store has.
    if (!resumed) break;
  }
  throw differs(store, file, 'other content');
}

/** Fetches what is missing of the partial file; a lost connection is taken up again where it broke. */
async function fetchInto(partial: string, store: Store, file: ExportedFile, onBytes: (bytes: number) => void): Promise<void> {
  const found = lstatSync(partial, { throwIfNoEntry: false });
  if (found !== undefined && (!found.isFile() || found.size > file.bytes)) rmSync(partial, { recursive: true });
  const handle = await writingAsync(partial, () => open(partial, 'a'));
  try {
    let have = (await handle.stat()).size;
    onBytes(have);
    for (let tries = 1; have < file.bytes; tries++) {
      const before = have;
      const got = await store.ask(
        'GetObject', file.name,
        async (s3, target, http) => {
          const { Body, ContentRange, ContentLength } = await s3.getObject({ ...target, ...(have > 0 && { Range: `bytes=${have}-` }) }, http);
          if (have > 0 && ContentRange === undefined) {
            await handle.truncate(0);
            onBytes(-have);
            have = 0;
          }
          if (ContentLength !== undefined && ContentLength + have !== file.bytes) throw differs(store, file, `${ContentLength + have} bytes of ${file.bytes}`);
          for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
            await append(handle, chunk, partial);
            have += chunk.length;
            onBytes(chunk.length);
            store.signal?.throwIfAborted();
          }
          return 'ended' as const;
        },
        (answer) => {
          if (answer.status === 416) return 'too-short' as const;
          if (isMissing(answer) !== undefined) return 'missing' as const;
          return isConnectionError(answer) && tries < MOST_TRIES ? ('lost' as const) : undefined;
        },
      );
      if (got === 'missing' || got === 'too-short') throw differs(store, file, got === 'missing' ? 'nothing' : `fewer than ${file.bytes} bytes`);
      if (have > before) tries = 1;
      else if (tries >= MOST_TRIES) throw differs(store, file, `${have} bytes of ${file.bytes}`);
      if (have < file.bytes) await sleep(PAUSE_MS * 2 ** Math.min(tries, 5), undefined, store.signal === undefined ? {} : { signal: store.signal });
    }
    await writingAsync(partial, () => handle.sync());
  } finally {
    await handle.close();
  }
}

async function append(handle: FileHandle, chunk: Uint8Array, partial: string): Promise<void> {
  await writingAsync(partial, async () => {
    for (let written = 0; written < chunk.length; ) written += (await handle.write(chunk, written)).bytesWritten;
  });
}

/** Makes the folders of a file, none of which may be a link that leads out of `folder`. */
function makeFolderInside(folder: string, path: string): void {
  writing(path, () => mkdirSync(folder, { recursive: true }));
  const inside = realpathSync(folder);
  let nearest = dirname(path);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  const real = realpathSync(nearest);
  if (real !== inside && !real.startsWith(inside + sep)) {
    throw new InputError(`${nearest} is a link that leads out of ${folder}`, { code: 'import-unsafe-name', place: { file: path }, hint: 'remove the link, or import into another folder (--out DIR)' });
  }
  writing(path, () => mkdirSync(dirname(path), { recursive: true }));
}

export async function hashOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 2 ** 20 });
  stream.on('data', (chunk) => {
    if (signal?.aborted === true) stream.destroy(signal.reason as Error);
    else hash.update(chunk);
  });
  await once(stream, 'close');
  signal?.throwIfAborted();
  return hash.digest('hex');
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

async function writingAsync<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** What a failed write means: a full disk or quota, or a place that may not be written. */
export function writeError(path: string, cause: unknown): InputError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    return new InputError(`no room left for ${path}`, { code: 'import-no-room', place: { file: path }, hint: 'make room and run the same command: it goes on from what is there; or import into another folder (--out DIR)', cause });
  }
  return new InputError(`cannot write ${path}: ${message}`, { code: 'cannot-write', place: { file: path }, hint: 'choose another folder (--out DIR)', cause });
}

function differs(store: Store, file: ExportedFile, held: string): InputError {
  return new InputError(`${addressText(store.address, file.name)} is not the exported file: the store holds ${held}`, {
    code: 'object-differs',
    place: { file: file.name },
    hint: 'an export into this prefix was interrupted, or something else wrote there: run the export again',
  });
}
