import type { Weights } from '../models/checkpoint.js';

/** One epoch's figures: a point of the training curves. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean loss over its batches, with class weight and dropout, as it was minimised; nats. */
  readonly trainingLoss: number;
  /** Share of scored rows decided right, by weight, with dropout. */
  readonly trainingAccuracy: number;
  /** Log loss without class weight or dropout; nats. */
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** Of its last step. */
  readonly learningRate: number;
  /** Of its longest gradient, before clipping. */
  readonly largestGradient: number;
}

export interface TrainingResult {
  /** Of the best epoch, by PyTorch's names. */
  readonly weights: Weights;
  readonly best: EpochRecord;
  readonly curve: readonly EpochRecord[];
  readonly stopped: 'patience' | 'epochs';
  /** Epochs an earlier, interrupted run had done. */
  readonly resumedAfter: number;
  /** Training windows a second, of this run, without validation; absent when it trained nothing. */
  readonly windowsPerSecond?: number;
  /** SHA-256 of the examples. */
  readonly data: { readonly training: string; readonly validation: string };
}
