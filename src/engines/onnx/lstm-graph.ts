import type { LstmArchitecture } from '../../models/architecture.js';
import type { Tensor, Weights } from '../../models/checkpoint.js';
import type { OnnxGraph } from './graph.js';
import { quantizeGates } from './int8.js';

export type Precision = 'fp32' | 'int8';

/** PyTorch stacks gates as i, f, g, o; ONNX wants i, o, f, c (c is PyTorch's g). */
const ONNX_GATES = [0, 3, 1, 2];

/** Rows `[4 * hidden, columns]` of a gate-stacked weight in ONNX's gate order. */
export function reorderGates(tensor: Tensor, hiddenSize: number): Float32Array {
  const block = tensor.data.length / 4;
  if (block % hiddenSize !== 0) throw new Error(`a weight of shape [${tensor.shape.join(', ')}] is not stacked of 4 x ${hiddenSize} rows`);
  const reordered = new Float32Array(tensor.data.length);
  ONNX_GATES.forEach((gate, place) => reordered.set(tensor.data.subarray(gate * block, (gate + 1) * block), place * block));
  return reordered;
}

export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

interface LayerStates {
  /** `[time, directions, batch, hidden]` */
  readonly sequence: string;
  /** `[directions, batch, hidden]`: forward state after the newest row, backward state after the oldest. */
  readonly final: string;
}

/**
 * Adds a stacked LSTM and its head; both of PyTorch's biases are kept (ONNX adds them, as PyTorch does), the first
 * states are zero.
 * @param input name of the windows, time first, `[time, batch, features]`
 * @returns name of P(up), `[batch, 1]`
 */
export function addLstm(graph: OnnxGraph, architecture: LstmArchitecture, weights: Weights, input: string, precision: Precision): string {
  const { hiddenSize, layers, bidirectional, head } = architecture;
  const suffixes = bidirectional ? ['', '_reverse'] : [''];
  const weight = (name: string): Tensor => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`weight ${name} is missing: the architecture does not describe these weights`);
    return tensor;
  };

  const addLayer = (layer: number, directions: readonly string[], layerInput: string): LayerStates => {
    const stacked = (name: string) => directions.map((suffix) => reorderGates(weight(`lstm.${name}_l${layer}${suffix}`), hiddenSize));
    const inputSize = weight(`lstm.weight_ih_l${layer}`).shape[1];
    // Nothing reads the top layer's sequence: its states at every step need not be kept.
    const wanted = [layer < layers - 1, true];
    const bias = concatenate(directions.flatMap((_, d) => [stacked('bias_ih')[d], stacked('bias_hh')[d]]));
    const biasName = graph.floats([directions.length, 8 * hiddenSize], bias);
    const attributes = { hidden_size: hiddenSize, direction: directions.length === 2 ? 'bidirectional' : 'forward' };
    const [inputWeights, recurrentWeights] = [stacked('weight_ih'), stacked('weight_hh')];
    // The features' outliers would cost the first layer its precision: kept in fp32, it brings int8's largest |dp| down tenfold.
    if (precision === 'int8' && layer > 0) {
      const w = quantizeGates(graph, inputWeights, inputSize);
      const r = quantizeGates(graph, recurrentWeights, hiddenSize);
      const inputs = [layerInput, w.values, r.values, biasName, '', '', '', '', w.scale, w.zero, r.scale, r.zero];
      const [sequence, final] = graph.nodeOutputs('DynamicQuantizeLSTM', inputs, wanted, attributes, 'com.microsoft');
      return { sequence: sequence, final: final };
    }
    const w = graph.floats([directions.length, 4 * hiddenSize, inputSize], concatenate(inputWeights));
    const r = graph.floats([directions.length, 4 * hiddenSize, hiddenSize], concatenate(recurrentWeights));
    const [sequence, final] = graph.nodeOutputs('LSTM', [layerInput, w, r, biasName], wanted, attributes);
    return { sequence: sequence, final: final };
  };

  let sequence = input; // [time, batch, features]
  for (let layer = 0; layer < layers - 1; layer++) {
    const states = addLayer(layer, suffixes, sequence);
    const timeBatch = graph.node('Transpose', [states.sequence], { perm: [0, 2, 1, 3] }); // [time, batch, directions, hidden]
    sequence = graph.node('Reshape', [timeBatch, graph.integers([0, 0, -1])]); // [time, batch, directions * hidden]
  }

  const top = layers - 1;
  let final: string; // [directions, batch, hidden]
  if (head === 'last-step' && bidirectional) {
    // At the last time step the backward direction has read one row only: one step instead of the whole window.
    const newest = graph.node('Unsqueeze', [graph.node('Gather', [sequence, graph.scalar(-1)], { axis: 0 }), graph.integers([0])]);
    final = graph.node('Concat', [addLayer(top, [''], sequence).final, addLayer(top, ['_reverse'], newest).final], { axis: 0 });
  } else {
    final = addLayer(top, suffixes, sequence).final;
  }
  const state = graph.node('Reshape', [graph.node('Transpose', [final], { perm: [1, 0, 2] }), graph.integers([0, -1])]); // [batch, directions * hidden]
  return addDenseHead(graph, weights, architecture.headLayers, state);
}

/** sigmoid(second(relu(first(state)))): `[batch, in]` to `[batch, 1]`. */
export function addDenseHead(graph: OnnxGraph, weights: Weights, layers: readonly [string, string], state: string): string {
  const linear = (layer: string, value: string): string => {
    const weight = weights.get(`${layer}.weight`)!;
    const bias = weights.get(`${layer}.bias`)!;
    return graph.node('Gemm', [value, graph.floats(weight.shape, weight.data), graph.floats(bias.shape, bias.data)], { transB: 1 });
  };
  return graph.node('Sigmoid', [linear(layers[1], graph.node('Relu', [linear(layers[0], state)]))]);
}
