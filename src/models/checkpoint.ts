import type { Architecture } from './architecture.js';

/** A weight, row-major, widened to float32. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** By PyTorch's parameter names without `module.`, e.g. `lstm.weight_ih_l0_reverse`. */
export type Weights = ReadonlyMap<string, Tensor>;

/** What a checkpoint says of itself beyond its weights. A `.pt` says nothing of this: absent is "not said". */
export interface Manifest {
  readonly featureSet?: string;
  readonly columns?: readonly string[];
  readonly alignment?: 'causal' | 'legacy' | 'legacy-a';
  /** z-score of the training rows, `[features]` each, in the order of `columns`; std 1 where left unscaled. */
  readonly scaler?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly label?: 'direction';
  /** Rows from a window's newest row to the price it predicts. */
  readonly horizon?: number;
  readonly windowLength?: number;
  readonly windowMode?: 'repo' | 'notebook';
  readonly symbol?: string;
  /** ms since the epoch, UTC: first and last training row. */
  readonly trainedFrom?: number;
  readonly trainedTo?: number;
  /** Figures the trainer recorded, as it named them (`val_accuracy`). */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Library versions, `{ torch: '2.13.0' }`. */
  readonly versions?: Readonly<Record<string, string>>;
}

export type CheckpointFormat = 'pytorch-zip' | 'pytorch-legacy' | 'safetensors';

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly manifest: Manifest;
  readonly format: CheckpointFormat;
  /** The file it was read from, as given. */
  readonly file: string;
  /** SHA-256 of that file, hex. */
  readonly sha256: string;
  /** What the file could not say and was filled in, e.g. `heads 8 for model size 128`; shown as ASSUMED. */
  readonly assumed: readonly string[];
}
