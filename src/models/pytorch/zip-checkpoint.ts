import { corruptCheckpoint, notACheckpoint, unsupportedCheckpoint } from '../refusals.js';
import { ByteReader, latin1 } from './byte-reader.js';
import { pytorchHost } from './globals.js';
import { readPickle } from './pickle/read-pickle.js';
import type { PythonValue } from './pickle/values.js';
import type { StorageSource } from './storage.js';
import { ZipArchive } from './zip.js';

/** What either container of `torch.save` holds: the pickled object and where its storages lie. */
export interface PickledCheckpoint {
  readonly root: PythonValue;
  readonly storages: StorageSource;
}

const PICKLE = 'data.pkl';

/**
 * `torch.save` since PyTorch 1.6: a zip of `<folder>/data.pkl` and `<folder>/data/<key>`; the folder's name is
 * arbitrary and other entries are not looked at.
 */
export function readZipCheckpoint(bytes: Uint8Array, file: string): PickledCheckpoint {
  const archive = new ZipArchive(bytes, file);
  const folder = rootFolder(archive, file);
  if (archive.entries.has(`${folder}constants.pkl`)) {
    throw unsupportedCheckpoint(
      file,
      'it is a TorchScript archive (torch.jit.save), a program with its weights',
      "save the weights alone: torch.save(torch.jit.load(path).state_dict(), 'weights.pt')",
    );
  }
  const entry = (name: string): Uint8Array | undefined => {
    const found = archive.entries.get(`${folder}${name}`);
    return found === undefined ? undefined : archive.content(found);
  };
  const pickle = entry(PICKLE) as Uint8Array;
  const root = readPickle(new ByteReader(pickle, file, PICKLE), pytorchHost(file));
  return {
    root,
    storages: {
      littleEndian: byteOrder(entry('byteorder'), file) === 'little',
      bytes: (key) => {
        const content = entry(`data/${key}`);
        if (content === undefined) throw corruptCheckpoint(file, `the archive has no data/${key}`);
        return content;
      },
    },
  };
}

function rootFolder(archive: ZipArchive, file: string): string {
  const pickles = [...archive.entries.keys()].filter((name) => name === PICKLE || name.endsWith(`/${PICKLE}`));
  if (pickles.length > 1) throw corruptCheckpoint(file, `the archive holds ${pickles.length} files ${PICKLE}`);
  const [pickle] = pickles;
  if (pickle === undefined) {
    const names = [...archive.entries.keys()].slice(0, 5).join(', ');
    throw notACheckpoint(file, `the zip archive has no ${PICKLE} (it holds ${names === '' ? 'nothing' : names})`);
  }
  return pickle.slice(0, -PICKLE.length);
}

/** Files from before PyTorch 2.1 do not say; they are little-endian. */
function byteOrder(content: Uint8Array | undefined, file: string): 'little' | 'big' {
  const text = content === undefined ? 'little' : latin1(content.subarray(0, 16)).trim();
  if (text !== 'little' && text !== 'big') throw corruptCheckpoint(file, `its byte order is '${text}'`);
  return text;
}
