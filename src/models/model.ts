import type { Checkpoint } from './checkpoint.js';
import type { OnnxModel } from './onnx-file.js';

/** A model as it was read: weights and what they are, or a graph. */
export type Model = Checkpoint | OnnxModel;
