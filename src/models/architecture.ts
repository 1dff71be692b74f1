/** What a model is, as data. Nothing here runs one. */
export type Architecture = LstmArchitecture | TransformerArchitecture | TcnArchitecture;

/**
 * `final-hidden`: the last forward and the last backward state of the top layer (class LSTMDirectionModel, `fc.0`, `fc.3`).
 * `last-step`: the top layer's output at the last time step (class LSTMModel, `fc1`, `fc2`); its backward half has seen one row.
 */
export type LstmHead = 'final-hidden' | 'last-step';

export interface LstmArchitecture {
  readonly kind: 'lstm';
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly head: LstmHead;
  /** Units of the head's hidden layer. */
  readonly headSize: number;
  /** Names of the head's two linear layers in the weights: `fc.0`/`fc.3` or `fc1`/`fc2`. */
  readonly headLayers: readonly [string, string];
}

export interface TransformerArchitecture {
  readonly kind: 'transformer';
  readonly inputSize: number;
  readonly modelSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForwardSize: number;
  /** Units of the head's hidden layer (`output_layer.0`). */
  readonly headSize: number;
}

/**
 * A causal temporal convolution: every row gets a prediction from itself and the rows before it, and what one row
 * needs of the past is computed once for all. Layer l is a gated convolution (tanh times sigmoid, van den Oord et al. 2016,
 * "WaveNet") over rows 2^l apart, added to its input.
 */
export interface TcnArchitecture {
  readonly kind: 'tcn';
  readonly inputSize: number;
  readonly channels: number;
  /** Rows a layer looks at: its own, and `kernelSize - 1` earlier ones. */
  readonly kernelSize: number;
  readonly layers: number;
  /** Units of the head's hidden layer (`head.0`). */
  readonly headSize: number;
}
