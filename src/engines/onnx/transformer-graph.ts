import type { TransformerArchitecture } from '../../models/architecture.js';
import type { Tensor, Weights } from '../../models/checkpoint.js';
import { positionalEncoding } from '../../models/positions.js';
import type { OnnxGraph } from './graph.js';
import { quantizeMatrix } from './int8.js';
import { addDenseHead, type Precision } from './lstm-graph.js';

/**
 * Adds a post-norm encoder and its head. Only the newest row reaches the head, so the last layer's queries, output
 * projection and feed-forward are computed for that row alone.
 * @param input name of the windows, batch first, `[batch, time, features]`
 * @returns name of P(up), `[batch, 1]`
 */
export function addTransformer(
  graph: OnnxGraph,
  architecture: TransformerArchitecture,
  weights: Weights,
  input: string,
  windowLength: number,
  precision: Precision,
): string {
  const { modelSize, heads, layers } = architecture;
  const headSize = modelSize / heads;
  const weight = (name: string): Tensor => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`weight ${name} is missing: the architecture does not describe these weights`);
    return tensor;
  };
  const vector = (name: string) => graph.floats(weight(name).shape, weight(name).data);

  /** value x weight[from..to]^T + bias[from..to] over the last axis. */
  const linear = (value: string, weightName: string, biasName: string, from = 0, to = weight(weightName).shape[0]): string => {
    const columns = weight(weightName).shape[1];
    const rows = weight(weightName).data.subarray(from * columns, to * columns);
    const bias = graph.floats([to - from], weight(biasName).data.slice(from, to));
    if (precision === 'int8') {
      const matrix = quantizeMatrix(graph, rows, columns);
      return graph.node('DynamicQuantizeMatMul', [value, matrix.values, matrix.scale, matrix.zero, bias], {}, 'com.microsoft');
    }
    return graph.node('Add', [graph.node('MatMul', [value, graph.floats([columns, to - from], transpose(rows, columns))]), bias]);
  };
  const normalise = (value: string, name: string) =>
    graph.node('LayerNormalization', [value, vector(`${name}.weight`), vector(`${name}.bias`)], { axis: -1, epsilon: { float: 1e-5 } });
  const splitHeads = (value: string, perm: readonly number[]) =>
    graph.node('Transpose', [graph.node('Reshape', [value, graph.integers([0, 0, heads, headSize])])], { perm });

  const positions = positionalEncoding(architecture, weights, windowLength);
  const projected = linear(input, 'input_projection.weight', 'input_projection.bias');
  let value = graph.node('Add', [projected, graph.floats([1, windowLength, modelSize], positions)]); // [batch, time, d]

  for (let layer = 0; layer < layers; layer++) {
    const name = `transformer_encoder.layers.${layer}`;
    const [inWeight, inBias] = [`${name}.self_attn.in_proj_weight`, `${name}.self_attn.in_proj_bias`];
    const isLast = layer === layers - 1;
    const asked = isLast ? graph.node('Slice', [value, graph.integers([-1]), graph.integers([2 ** 31]), graph.integers([1])]) : value; // [batch, 1 or time, d]
    const query = splitHeads(linear(asked, inWeight, inBias, 0, modelSize), [0, 2, 1, 3]); // [batch, heads, asked, d / heads]
    const key = splitHeads(linear(value, inWeight, inBias, modelSize, 2 * modelSize), [0, 2, 3, 1]); // [batch, heads, d / heads, time]
    const content = splitHeads(linear(value, inWeight, inBias, 2 * modelSize, 3 * modelSize), [0, 2, 1, 3]); // [batch, heads, time, d / heads]
    const scaled = graph.node('Mul', [query, graph.floats([1], Float32Array.of(1 / Math.sqrt(headSize)))]);
    const attention = graph.node('Softmax', [graph.node('MatMul', [scaled, key])], { axis: -1 });
    const mixed = graph.node('Transpose', [graph.node('MatMul', [attention, content])], { perm: [0, 2, 1, 3] });
    const merged = graph.node('Reshape', [mixed, graph.integers([0, 0, modelSize])]); // [batch, asked, d]
    const attended = linear(merged, `${name}.self_attn.out_proj.weight`, `${name}.self_attn.out_proj.bias`);
    const first = normalise(graph.node('Add', [asked, attended]), `${name}.norm1`);
    const wide = graph.node('Relu', [linear(first, `${name}.linear1.weight`, `${name}.linear1.bias`)]);
    value = normalise(graph.node('Add', [first, linear(wide, `${name}.linear2.weight`, `${name}.linear2.bias`)]), `${name}.norm2`);
  }
  const newest = graph.node('Reshape', [value, graph.integers([0, modelSize])]); // [batch, d]: the last layer kept one row
  return addDenseHead(graph, weights, ['output_layer.0', 'output_layer.3'], newest);
}

/** `[rows, columns]` to `[columns, rows]`. */
function transpose(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  const transposed = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) transposed[column * rows + row] = matrix[row * columns + column]!;
  return transposed;
}
