import type { TcnArchitecture } from '../../models/architecture.js';
import type { Tensor, Weights } from '../../models/checkpoint.js';
import { dilation } from '../../models/tcn.js';
import type { OnnxGraph } from './graph.js';

/**
 * Adds a TCN. Any number of rows may be given: a window of `receptiveField` rows has one probability, a stretch of a
 * series as many as it has rows with a whole past, each row's work done once.
 * @param input name of `[batch, rows, features]`
 * @returns name of P(up), `[batch, rows - receptiveField + 1]`
 */
export function addTcn(graph: OnnxGraph, architecture: TcnArchitecture, weights: Weights, input: string): string {
  const { channels, kernelSize, layers } = architecture;
  const weight = (name: string): Tensor => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`weight ${name} is missing: the architecture does not describe these weights`);
    return tensor;
  };
  const rowsFrom = (value: string, from: number, to: number) => graph.node('Slice', [value, graph.integers([from]), graph.integers([to]), graph.integers([1])]);

  /** A convolution over taps that already stand side by side, `[batch, rows, taps * inputs]`. */
  const dense = (value: string, name: string): string => {
    const [outputs, inputs, taps] = weight(`${name}.weight`).shape;
    const matrix = graph.floats([taps * inputs, outputs], tapsBelow(weight(`${name}.weight`)));
    return graph.node('Add', [graph.node('MatMul', [value, matrix]), graph.floats([outputs], weight(`${name}.bias`).data)]);
  };

  let value = dense(input, 'tcn.input');
  for (let layer = 0; layer < layers; layer++) {
    const past = (kernelSize - 1) * dilation(layer);
    const shifted = Array.from({ length: kernelSize }, (_, tap) => {
      const missing = past - tap * dilation(layer);
      return rowsFrom(value, tap * dilation(layer), missing === 0 ? Number.MAX_SAFE_INTEGER : -missing);
    });
    const halves = dense(kernelSize === 1 ? value : graph.node('Concat', shifted, { axis: 2 }), `tcn.layers.${layer}.dilated`);
    const [filter, gate] = graph.nodeOutputs('Split', [halves, graph.integers([channels, channels])], [true, true], { axis: 2 });
    const gated = graph.node('Mul', [graph.node('Tanh', [filter]), graph.node('Sigmoid', [gate])]);
    value = graph.node('Add', [shifted[kernelSize - 1], dense(gated, `tcn.layers.${layer}.residual`)]);
  }
  const logits = dense(graph.node('Relu', [dense(value, 'head.0')]), 'head.3'); // [batch, rows, 1]
  return graph.node('Sigmoid', [graph.node('Squeeze', [logits, graph.integers([2])])]);
}

/** `[outputs, inputs, taps]` as `[taps * inputs, outputs]`, the oldest tap first. */
function tapsBelow({ shape, data }: Tensor): Float32Array {
  const [outputs, inputs, taps] = shape;
  const matrix = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) matrix[(tap * inputs + input) * outputs + output] = data[(output * inputs + input) * taps + tap];
    }
  }
  return matrix;
}
