import type { Architecture } from '../../models/architecture.js';
import { receptiveField } from '../../models/tcn.js';
import { COSINE_RESTARTS, ONE_CYCLE } from '../../training/learning-rate.js';
import { DEFAULT_SETTINGS, type TrainingSettings } from '../../training/training-settings.js';

export const MODEL_KINDS = ['lstm', 'transformer', 'tcn'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** Sizes a person may choose; each kind takes those that it has. */
export interface ModelSizes {
  /** Units of an LSTM, channels of a TCN, width of a Transformer. */
  readonly width?: number | undefined;
  readonly layers?: number | undefined;
  /** Rows a window of an LSTM or Transformer; a TCN's follows from its layers. */
  readonly windowLength?: number | undefined;
}

/** What is trained, and the rows that one prediction sees. */
export interface ChosenModel {
  readonly architecture: Architecture;
  readonly windowLength: number;
  /** Rows of a training sequence, where every row is scored. */
  readonly sequenceLength?: number;
}

/** Rows of a TCN's training sequence that are scored, beyond those that only fill its receptive field. */
const SCORED_ROWS = 256;

/** V1 and V2: 3 bidirectional layers of 128; V3: 4 layers of 128 with 8 heads; the TCN: 6 layers of 48 channels, 64 rows. */
export function chooseModel(kind: ModelKind, inputSize: number, sizes: ModelSizes): ChosenModel {
  if (kind === 'lstm') {
    const hiddenSize = sizes.width ?? 128;
    return {
      architecture: { kind, inputSize, hiddenSize, layers: sizes.layers ?? 3, bidirectional: true, head: 'final-hidden', headSize: hiddenSize, headLayers: ['fc.0', 'fc.3'] },
      windowLength: sizes.windowLength ?? 60,
    };
  }
  if (kind === 'transformer') {
    const modelSize = sizes.width ?? 128;
    return { architecture: { kind, inputSize, modelSize, layers: sizes.layers ?? 4, heads: headsFor(modelSize), feedForwardSize: 4 * modelSize, headSize: 4 * modelSize }, windowLength: sizes.windowLength ?? 100 };
  }
  const channels = sizes.width ?? 48;
  const architecture = { kind, inputSize, channels, kernelSize: 2, layers: sizes.layers ?? 6, headSize: channels } as const;
  const windowLength = receptiveField(architecture);
  return { architecture, windowLength, sequenceLength: SCORED_ROWS + windowLength - 1 };
}

/** 16 columns a head, as the original's 8 of 128; a width that 16 does not divide has one head. */
function headsFor(modelSize: number): number {
  return modelSize % 16 === 0 ? modelSize / 16 : 1;
}

/**
 * Of a model that reads windows an epoch takes every third: on the sample an LSTM is past its best before one epoch of all windows ends.
 */
const WINDOW_STRIDE = 3;

/** Where nothing else is said: the original's settings, and for a TCN the one cycle of six epochs that it was tried with. */
export const KIND_SETTINGS: Readonly<Record<ModelKind, TrainingSettings>> = {
  lstm: { ...DEFAULT_SETTINGS, stride: WINDOW_STRIDE, schedule: COSINE_RESTARTS },
  transformer: { ...DEFAULT_SETTINGS, stride: WINDOW_STRIDE, schedule: COSINE_RESTARTS, learningRate: 3e-4, dropout: 0.1 },
  tcn: { ...DEFAULT_SETTINGS, schedule: ONE_CYCLE, epochs: 6, batchSize: 32, learningRate: 4e-3, dropout: 0.1 },
};
