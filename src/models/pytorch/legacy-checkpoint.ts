import { corruptCheckpoint, notACheckpoint, unsupportedCheckpoint } from '../refusals.js';
import { ByteReader } from './byte-reader.js';
import { pytorchHost } from './globals.js';
import { readPickle } from './pickle/read-pickle.js';
import { describeValue, PythonDict, type PythonValue } from './pickle/values.js';
import { Storage } from './storage.js';
import type { PickledCheckpoint } from './zip-checkpoint.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/**
 * `torch.save` before PyTorch 1.6: five pickles (magic number, protocol, system, object, storage keys), then for each
 * key an int64 count and the raw elements, little-endian.
 */
export function readLegacyCheckpoint(bytes: Uint8Array, file: string): PickledCheckpoint {
  const reader = new ByteReader(bytes, file, 'the file');
  const host = pytorchHost(file);
  if (readPickle(reader, host) !== MAGIC) {
    throw notACheckpoint(file, 'it is a plain Python pickle', "save it with torch.save({'model_state_dict': model.state_dict()}, path)");
  }
  const protocol = readPickle(reader, host);
  if (protocol !== PROTOCOL) {
    throw unsupportedCheckpoint(file, `its protocol is ${describeValue(protocol)}, not ${PROTOCOL}`, 'save it again with a current PyTorch');
  }
  refuseBigEndian(readPickle(reader, host), file);
  const elementSizes = new Map<string, number>();
  const root = readPickle(reader, {
    global: (module, name, atRoot) => host.global(module, name, atRoot),
    persistentValue: (id) => {
      const storage = host.persistentValue(id);
      if (storage instanceof Storage) noteElementSize(elementSizes, storage, file);
      return storage;
    },
  });
  const keys = readPickle(reader, host);
  const contents = readStorages(reader, keys, elementSizes);
  return {
    root,
    storages: {
      littleEndian: true,
      bytes: (key) => {
        const content = contents.get(key);
        if (content === undefined) throw corruptCheckpoint(file, `storage ${key} is not in the file`);
        return content;
      },
    },
  };
}

function refuseBigEndian(system: PythonValue, file: string): void {
  if (system instanceof PythonDict && system.entries.get('little_endian') === false) {
    throw unsupportedCheckpoint(file, 'it was written on a big-endian machine', 'save it again with a current PyTorch');
  }
}

function noteElementSize(sizes: Map<string, number>, storage: Storage, file: string): void {
  const before = sizes.get(storage.key);
  if (before !== undefined && before !== storage.type.size) {
    throw corruptCheckpoint(file, `storage ${storage.key} has elements of ${before} and of ${storage.type.size} bytes`);
  }
  sizes.set(storage.key, storage.type.size);
}

function readStorages(reader: ByteReader, keys: PythonValue, elementSizes: ReadonlyMap<string, number>): Map<string, Uint8Array> {
  if (!Array.isArray(keys)) throw corruptCheckpoint(reader.file, `the list of storages is ${describeValue(keys)}`);
  const contents = new Map<string, Uint8Array>();
  for (const key of keys) {
    const size = typeof key === 'string' ? elementSizes.get(key) : undefined;
    if (typeof key !== 'string' || size === undefined || contents.has(key)) {
      throw corruptCheckpoint(reader.file, `the list of storages names ${describeValue(key)}, which no tensor uses or which stands there twice`);
    }
    contents.set(key, reader.take(reader.uint64() * size));
  }
  return contents;
}
