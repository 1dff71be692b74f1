import type { Windows } from '../../datasets/windows.js';
import type { Layout } from './build-onnx.js';

/** What a scoring thread is started with. */
export interface WorkerSetup {
  /** Bytes of the `.onnx` model; ONNX Runtime wants them in memory of its own, not shared. */
  readonly model: Uint8Array;
  readonly provider: 'cpu' | 'cuda';
  readonly threads: number;
  /** `rows`: `[batch, features]`, of windows of one row. */
  readonly layout: Layout | 'rows';
  /** Which of the model's outputs holds P(up), in its last column of one or two. */
  readonly outputIndex: number;
}

/** Positions in the shared counters. */
export const COUNTERS = { next: 0, done: 1, stop: 2 } as const;

export type Request =
  | {
      readonly kind: 'score';
      /** `rows` and `ends` in shared memory. */
      readonly windows: Windows;
      /** `[windows * each]`, shared: filled by every thread. */
      readonly probability: Float64Array;
      /** Probabilities the model gives a window. */
      readonly each: number;
      readonly counters: Int32Array;
      readonly batch: number;
    }
  | { readonly kind: 'close' };

export type Reply =
  | { readonly kind: 'ready'; readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly inputShapes: readonly (readonly (number | string)[])[] }
  | { readonly kind: 'scored' }
  | { readonly kind: 'failed'; readonly message: string };
