import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TcnArchitecture } from '../../src/models/architecture.js';
import type { Checkpoint, Tensor } from '../../src/models/checkpoint.js';
import { describeTcn } from '../../src/models/tcn.js';
import type { Windows } from '../../src/datasets/windows.js';
import { createRandom } from '../../src/random.js';
import { fixtures } from '../support/requirements.js';

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface PytorchTcn {
  readonly weights: Readonly<Record<string, Stored>>;
  /** `[batch, rows, features]` */
  readonly rows: Stored;
  readonly label: Stored;
  /** `[batch, rows - receptiveField + 1]` */
  readonly logits: Stored;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Stored>>;
}

/** What PyTorch made of a small TCN, by test/fixtures/training/make_tcn.py. */
export const pytorch = JSON.parse(readFileSync(join(fixtures, 'training/tcn.json'), 'utf8')) as PytorchTcn;

export const weights: ReadonlyMap<string, Tensor> = new Map(
  Object.entries(pytorch.weights).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
);

export const architecture: TcnArchitecture = describeTcn(weights);

export const checkpoint: Checkpoint = { architecture, weights, manifest: {}, format: 'safetensors', file: 'tcn.safetensors', sha256: '', assumed: [] };

/** `[rows, features]` of noise, every window of it. */
export function noise(rowCount: number, length: number, seed = 1, featureCount = architecture.inputSize): Windows {
  const random = createRandom(seed);
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => (random() + random() - 1) * 3);
  return { rows, rowCount, featureCount, length, ends: Int32Array.from({ length: rowCount - length + 1 }, (_, index) => length - 1 + index) };
}
