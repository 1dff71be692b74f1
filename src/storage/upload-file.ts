import { readPart, type HashedFile } from './hash-parts.js';
import { integrity, uploadInParts } from './multipart.js';
import { headObject, isEncryptedAsAsked, verifyUploaded, type VerifiedObject } from './stored-object.js';
import type { Store } from './store.js';
import { compareObject } from './verify-object.js';

export interface UploadProgress {
  /** Bytes that are at the store now; negative when a part's worth is to be sent again. */
  readonly onBytes: (bytes: number) => void;
  /** Bytes an interrupted upload had left there. */
  readonly onResumed: (bytes: number) => void;
}

/**
 * Uploads a file, in one piece or in parts, and verifies what the store then holds.
 * @throws InputError, SetupError, TemporaryError of the store; `export-file-changed`, `export-not-verified`
 */
export async function uploadFile(store: Store, name: string, file: HashedFile, progress: UploadProgress): Promise<VerifiedObject> {
  for (const resume of [true, false]) {
    let counted = 0;
    const onBytes = (bytes: number): void => {
      counted += bytes;
      progress.onBytes(bytes);
    };
    const whole = await withoutChecksumsWhereRefused(store, async () => {
      progress.onBytes(-counted);
      counted = 0;
      return file.parts.length === 1 ? uploadWhole(store, name, file, onBytes) : uploadInParts(store, name, file, { resume, onBytes, onResumed: progress.onResumed });
    });
    // Somebody finished or removed the upload: what is there now decides. A resumed one may have been begun without the key.
    if (resume && file.parts.length > 1) {
      const head = await headObject(store, name);
      const there = whole || (head !== undefined && compareObject(head, file) !== 'differs');
      if (!there || (head !== undefined && !isEncryptedAsAsked(store, head))) {
        progress.onBytes(-counted);
        continue;
      }
    }
    break;
  }
  return verifyUploaded(store, name, file);
}

async function uploadWhole(store: Store, name: string, file: HashedFile, onBytes: (bytes: number) => void): Promise<boolean> {
  return store.slots.run(async () => {
    const [part] = file.parts;
    if (part === undefined) return false;
    const body = await readPart(file.path, part);
    await store.ask('PutObject', name, (s3, target, http) => s3.putObject({ ...target, ...store.encryption, Body: body, ContentLength: part.bytes, ...integrity(store, part) }, http));
    onBytes(part.bytes);
    return true;
  });
}

/** Some stores refuse requests with a SHA-256 checksum; MD5 is known to all. Found out at the first of them. */
async function withoutChecksumsWhereRefused<T>(store: Store, send: () => Promise<T>): Promise<T> {
  const asked = store.habits.checksums;
  try {
    return await send();
  } catch (error) {
    const said = ((error as { cause?: Error }).cause ?? {}).message ?? '';
    const refused = /checksum/i.test(said) && /NotImplemented|InvalidArgument|InvalidRequest|unsupported|not supported/i.test(said);
    if (!asked || !refused) throw error;
    store.habits.checksums = false;
    return send();
  }
}
