import type { Architecture } from './architecture.js';
import type { Manifest, Weights } from './checkpoint.js';

/** What a file holds, before it is known to be one of our architectures. */
export interface StoredModel {
  readonly weights: Weights;
  /** Tensors that are no weights (`num_batches_tracked`), name to element type: tolerated unless a weight is missing. */
  readonly otherTensors: ReadonlyMap<string, string>;
  readonly manifest: Manifest;
  /** Only our own format says it. */
  readonly architecture?: Architecture;
  readonly assumed: readonly string[];
}
