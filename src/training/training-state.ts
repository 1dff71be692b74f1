import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTogether } from '../atomic-file.js';
import { InputError } from '../errors.js';
import { corruptCheckpoint } from '../models/refusals.js';
import { readSafetensors } from '../models/safetensors/read-safetensors.js';
import { weightsSha256 } from '../models/safetensors/weights-hash.js';
import type { LossScale } from './loss-scale.js';
import type { EpochRecord } from './training-result.js';

/** What a training is: a state goes on only under the same one. */
export interface TrainingIdentity {
  /** SHA-256 of the training and of the validation examples. */
  readonly data: { readonly training: string; readonly validation: string };
  /** SHA-256 of the weights it started from, with their names and shapes. */
  readonly initialWeights: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** All that the next epoch depends on: randomness is drawn from (seed, epoch, step), so it has no state of its own. */
export interface TrainingState {
  readonly identity: TrainingIdentity;
  /** Optimiser steps taken. */
  readonly steps: number;
  /** One a finished epoch. */
  readonly curve: readonly EpochRecord[];
  /** No epoch follows. */
  readonly finished: boolean;
  /** Of mixed precision. */
  readonly lossScale?: LossScale | undefined;
  /** Parts of a batch that are computed side by side; absent: one. Other parts draw other dropout and round otherwise. */
  readonly parts?: number | undefined;
  /** `[size]` each: parameters now, AdamW's moments, parameters of the best epoch. */
  readonly weights: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly best: Float32Array;
}

const KEY = 'crpbot_training';
const VECTORS = ['weights', 'firstMoment', 'secondMoment', 'best'] as const;

/** A run's state lies in a folder of its own, with its lock. */
export function stateFolder(folder: string, run: string): string {
  return join(folder, `${run}.training`);
}

export function stateFile(folder: string, run: string): string {
  return join(stateFolder(folder, run), 'state.safetensors');
}

/** Writes the state whole, to the disk, over the one before. @throws InputError `cannot-write`. */
export function writeTrainingState(file: string, state: TrainingState): void {
  const { identity, steps, curve, finished, lossScale, parts } = state;
  const tensors = new Map(VECTORS.map((name) => [name as string, { shape: [state[name].length], data: state[name] }]));
  const described: Description = { identity, steps, curve, finished, lossScale, parts };
  const description = JSON.stringify({ ...described, sha256: stateSha256(weightsSha256(tensors), described) });
  const header: [string, unknown][] = [['__metadata__', { [KEY]: description }]];
  let position = 0;
  for (const [name, { shape, data }] of tensors) {
    header.push([name, { dtype: 'F32', shape, data_offsets: [position, position + data.byteLength] }]);
    position += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8), 0);
  text.copy(padded, 8);
  const vectors = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  writeTogether([{ path: file, content: Buffer.concat([padded, ...vectors]) }]);
}

/** The state an earlier run of the same training left, or undefined. @throws InputError `corrupt-checkpoint`, `truncated-checkpoint`, `other-data`, `other-training`. */
export function readTrainingState(file: string, identity: TrainingIdentity): TrainingState | undefined {
  if (!existsSync(file)) return undefined;
  const { vectors, description } = decoded(file);
  const [weights, firstMoment, secondMoment, best] = vectors as [Float32Array, Float32Array, Float32Array, Float32Array];
  refuseOtherTraining(file, description.identity, identity);
  return { ...description, weights, firstMoment, secondMoment, best };
}

/** A damaged state is nothing that could be copied again. @throws InputError `cannot-read`, those of {@link readTrainingState}. */
function decoded(file: string): { readonly vectors: readonly (Float32Array | undefined)[]; readonly description: Description } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new InputError(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { code: 'cannot-read', place: { file }, hint: BEGIN_ANEW, cause });
  }
  try {
    const { weights: tensors } = readSafetensors(bytes, file);
    const { sha256, ...description } = describedIn(bytes, file);
    const vectors = VECTORS.map((name) => tensors.get(name)?.data);
    if (vectors.includes(undefined) || sha256 !== stateSha256(weightsSha256(tensors), description)) {
      throw corruptCheckpoint(file, 'it is not the training state that was written (its SHA-256 differs)');
    }
    return { vectors, description };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message, { code: error.code, place: { file }, hint: BEGIN_ANEW, cause: error });
  }
}

const BEGIN_ANEW = 'begin anew: remove that folder, or choose another --out';

type Description = Pick<TrainingState, 'identity' | 'steps' | 'curve' | 'finished' | 'lossScale' | 'parts'>;

function describedIn(bytes: Buffer, file: string): Description & { readonly sha256: string } {
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))) as { readonly __metadata__?: Readonly<Record<string, string>> };
  const text = header.__metadata__?.[KEY];
  if (text === undefined) throw corruptCheckpoint(file, 'it is not a training state');
  try {
    const description = JSON.parse(text) as (Description & { readonly sha256: string }) | null;
    if (typeof description === 'object' && description !== null) return description;
  } catch {
    // Damaged: told below.
  }
  throw corruptCheckpoint(file, 'what it says of the training is not JSON of an object');
}

function stateSha256(tensors: string, { identity, steps, curve, finished, lossScale, parts }: Description): string {
  return createHash('sha256').update(JSON.stringify([tensors, identity, steps, curve, finished, ...[lossScale, parts].filter((part) => part !== undefined)])).digest('hex');
}

function refuseOtherTraining(file: string, before: TrainingIdentity, now: TrainingIdentity): void {
  for (const part of ['training', 'validation'] as const) {
    if (before.data[part] === now.data[part]) continue;
    throw new InputError(`the ${part} data changed since this training began: SHA-256 was ${before.data[part].slice(0, 12)}, is ${now.data[part].slice(0, 12)} (${file})`, {
      code: 'other-data',
      place: { file },
      hint: 'give back the data it began with, or begin anew: remove that folder, or choose another --out',
    });
  }
  const names = [...new Set([...Object.keys(before.settings), ...Object.keys(now.settings)])];
  const differing = names.filter((name) => JSON.stringify(before.settings[name]) !== JSON.stringify(now.settings[name]));
  if (differing.length === 0 && before.initialWeights === now.initialWeights) return;
  const what = differing.map((name) => `${name} was ${JSON.stringify(before.settings[name])}, is ${JSON.stringify(now.settings[name])}`);
  throw new InputError(`this training began otherwise: ${what.length > 0 ? what.join('; ') : 'its model or initial weights differ'} (${file})`, {
    code: 'other-training',
    place: { file },
    hint: 'give the settings it began with, or begin anew: remove that folder, or choose another --out',
  });
}
