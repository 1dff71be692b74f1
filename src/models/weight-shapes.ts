import type { Architecture, LstmArchitecture, TcnArchitecture, TransformerArchitecture } from './architecture.js';

/** PyTorch's parameter names and shapes, in the order PyTorch lists them. */
export type WeightShapes = ReadonlyMap<string, readonly number[]>;

/** Names and shapes of every weight a model of this architecture has. `pos_encoder.pe`, a buffer, is not among them. */
export function weightShapes(architecture: Architecture): WeightShapes {
  if (architecture.kind === 'tcn') return new Map(tcnShapes(architecture));
  return new Map(architecture.kind === 'lstm' ? lstmShapes(architecture) : transformerShapes(architecture));
}

/** The gates i, f, g, o are stacked along the first axis. */
const GATES = 4;

export function lstmDirections(bidirectional: boolean): readonly string[] {
  return bidirectional ? ['', '_reverse'] : [''];
}

function lstmShapes(architecture: LstmArchitecture): [string, number[]][] {
  const { inputSize, hiddenSize, layers, bidirectional, headSize, headLayers } = architecture;
  const directions = lstmDirections(bidirectional);
  const width = hiddenSize * directions.length;
  const gates = GATES * hiddenSize;
  const shapes: [string, number[]][] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const direction of directions) {
      const suffix = `l${layer}${direction}`;
      shapes.push(
        [`lstm.weight_ih_${suffix}`, [gates, layer === 0 ? inputSize : width]],
        [`lstm.weight_hh_${suffix}`, [gates, hiddenSize]],
        [`lstm.bias_ih_${suffix}`, [gates]],
        [`lstm.bias_hh_${suffix}`, [gates]],
      );
    }
  }
  const [first, second] = headLayers;
  return [...shapes, ...linear(first, headSize, width), ...linear(second, 1, headSize)];
}

function transformerShapes(architecture: TransformerArchitecture): [string, number[]][] {
  const { inputSize, modelSize, layers, feedForwardSize, headSize } = architecture;
  const shapes = linear('input_projection', modelSize, inputSize);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `transformer_encoder.layers.${layer}`;
    shapes.push(
      [`${prefix}.self_attn.in_proj_weight`, [3 * modelSize, modelSize]],
      [`${prefix}.self_attn.in_proj_bias`, [3 * modelSize]],
      ...linear(`${prefix}.self_attn.out_proj`, modelSize, modelSize),
      ...linear(`${prefix}.linear1`, feedForwardSize, modelSize),
      ...linear(`${prefix}.linear2`, modelSize, feedForwardSize),
      ...normalization(`${prefix}.norm1`, modelSize),
      ...normalization(`${prefix}.norm2`, modelSize),
    );
  }
  return [...shapes, ...linear('output_layer.0', headSize, modelSize), ...linear('output_layer.3', 1, headSize)];
}

/** Convolutions `[outputs, inputs, taps]`, oldest tap first. The dilated one's outputs are the filter (tanh), then the gate (sigmoid). */
function tcnShapes(architecture: TcnArchitecture): [string, number[]][] {
  const { inputSize, channels, kernelSize, layers, headSize } = architecture;
  const shapes = convolution('tcn.input', channels, inputSize, 1);
  for (let layer = 0; layer < layers; layer++) {
    shapes.push(...convolution(`tcn.layers.${layer}.dilated`, 2 * channels, channels, kernelSize), ...convolution(`tcn.layers.${layer}.residual`, channels, channels, 1));
  }
  return [...shapes, ...convolution('head.0', headSize, channels, 1), ...convolution('head.3', 1, headSize, 1)];
}

function convolution(name: string, outputs: number, inputs: number, taps: number): [string, number[]][] {
  return [
    [`${name}.weight`, [outputs, inputs, taps]],
    [`${name}.bias`, [outputs]],
  ];
}

function linear(name: string, outputs: number, inputs: number): [string, number[]][] {
  return [
    [`${name}.weight`, [outputs, inputs]],
    [`${name}.bias`, [outputs]],
  ];
}

function normalization(name: string, size: number): [string, number[]][] {
  return [
    [`${name}.weight`, [size]],
    [`${name}.bias`, [size]],
  ];
}
