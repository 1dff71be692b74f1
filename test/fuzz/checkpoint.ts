import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isExpectedError } from '../../src/errors.js';
import type { Checkpoint } from '../../src/models/checkpoint.js';
import { ZipArchive } from '../../src/models/pytorch/zip.js';
import { parseCheckpoint } from '../../src/models/read-checkpoint.js';
import { encodeSafetensors } from '../../src/models/safetensors/write-safetensors.js';
import { weightShapes } from '../../src/models/weight-shapes.js';
import { pytorchArchive } from '../support/pickle-writer.js';
import { randomWeights, smallLstm } from '../support/random-weights.js';
import { fixtures } from '../support/requirements.js';
import type { FuzzTarget } from './target.js';
import { withValidChecksums } from './zip-checksums.js';

const folder = join(fixtures, 'checkpoints-extra');
const PICKLE = 0x80;

function contentsOf(name: string): { pickle: Uint8Array; storages: Uint8Array[] } {
  const archive = new ZipArchive(readFileSync(join(folder, name)), name);
  const entries = [...archive.entries.values()];
  const pickle = entries.filter((entry) => entry.name.endsWith('/data.pkl')).map((entry) => archive.content(entry));
  const storages = entries.filter((entry) => /\/data\/\d+$/.test(entry.name)).map((entry) => archive.content(entry));
  return { pickle: pickle[0], storages };
}

/**
 * Pickles without their archive: damage that changes a length breaks an archive before its pickle is looked at. Each
 * meets the whole storages of its own file again.
 */
const opened = ['lstm_strided.pt', 'lstm_numpy_metadata.pt', 'transformer_learned_positions.pt'].map(contentsOf);
/** How often each stands among the seeds: the pickle machine is where a file could do most. */
const WEIGHT = 8;

/**
 * Checkpoints in every format. An archive is tried as it is and again with fitting checksums; a bare pickle as it is
 * and again inside an archive. What is accepted must be a whole model of finite numbers.
 */
export const checkpointTarget: FuzzTarget = {
  name: 'checkpoint',
  seeds: () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.pt')).sort().map((name) => readFileSync(join(folder, name)));
    const model = { architecture: smallLstm, weights: randomWeights(smallLstm), assumed: [] };
    const own = encodeSafetensors({ ...model, manifest: { featureSet: 'v2-50', horizon: 15, scaler: { mean: [1, 2, 3, 4, 5], std: [1, 1, 1, 1, 2] } } });
    const pickles = opened.map(({ pickle }) => pickle);
    return [...files, ...Array.from({ length: WEIGHT }, () => pickles).flat(), own, own, withoutManifest(own), withoutManifest(own)];
  },
  attempt: (bytes) => {
    const variants = [bytes];
    if (bytes[0] === 0x50) variants.push(withValidChecksums(bytes));
    if (bytes[0] === PICKLE) for (const { storages } of opened) variants.push(pytorchArchive(bytes, storages));
    const refusals: unknown[] = [];
    for (const variant of variants) {
      try {
        checkWhole(parseCheckpoint(variant, 'fuzz.pt', { heads: 2 }));
      } catch (error) {
        if (!isExpectedError(error)) throw error;
        refusals.push(error);
      }
    }
    if (refusals.length === variants.length) throw refusals.at(-1);
  },
};

/** The same tensors as another program would write them: no hash guards their numbers. */
function withoutManifest(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes);
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, end)) as Record<string, unknown>;
  const text = Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(header).filter(([name]) => name !== '__metadata__'))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, file.subarray(end)]);
}

function checkWhole({ architecture, weights }: Checkpoint): void {
  for (const [name, shape] of weightShapes(architecture)) {
    const tensor = weights.get(name);
    const count = shape.reduce((product, size) => product * size, 1);
    if (tensor?.data.length !== count || String(tensor.shape) !== String(shape)) throw new Error(`accepted with ${name} of another shape`);
  }
  for (const [name, { data }] of weights) if (!data.every(Number.isFinite)) throw new Error(`accepted with ${name} not finite`);
}
