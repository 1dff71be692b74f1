import type { LogitMap } from '../../models/fold-calibration.js';
import type { BoostedTrees, Tree } from '../../models/lightgbm-text.js';
import { OnnxGraph } from './graph.js';
import type { OnnxAttribute } from './protobuf.js';

const TREES = 'ai.onnx.ml';

/** Metadata of the file, by key. */
type Metadata = Readonly<Record<string, string>>;

/**
 * The bytes of an `.onnx` logistic regression: input `windows` `[batch, 1, features]`, float32, output `p` `[batch, 1]`.
 * `map`, Platt's, goes into weights and bias.
 */
export function logisticOnnx({ weights, bias }: { readonly weights: Float64Array; readonly bias: number }, map: LogitMap, metadata: Metadata): Uint8Array {
  const graph = new OnnxGraph();
  const rows = lastRows(graph, weights.length);
  const matrix = graph.floats([weights.length, 1], Float32Array.from(weights, (weight) => map.slope * weight));
  const logit = graph.node('Add', [graph.node('MatMul', [rows, matrix]), graph.floats([1, 1], Float32Array.of(map.slope * bias + map.intercept))]);
  graph.nameOutput(graph.node('Sigmoid', [logit]), 'p', ['batch', 1]);
  return graph.encode(metadata);
}

/**
 * The bytes of an `.onnx` of boosted trees: input and output as above. Thresholds become the largest float32 that does
 * not exceed them, so that every float32 value falls on the same side as it does in float64.
 */
export function treesOnnx({ featureCount, trees }: BoostedTrees, map: LogitMap, metadata: Metadata): Uint8Array {
  const graph = new OnnxGraph();
  const rows = lastRows(graph, featureCount);
  const sum = graph.node('TreeEnsembleRegressor', [rows], treeAttributes(trees), TREES);
  const mapped = graph.node('Add', [graph.node('Mul', [sum, graph.floats([1, 1], Float32Array.of(map.slope))]), graph.floats([1, 1], Float32Array.of(map.intercept))]);
  graph.nameOutput(graph.node('Sigmoid', [mapped]), 'p', ['batch', 1]);
  return graph.encode(metadata);
}

/** `[batch, 1, features]` to `[batch, features]`. */
function lastRows(graph: OnnxGraph, featureCount: number): string {
  const windows = graph.input('windows', ['batch', 1, featureCount]);
  return graph.node('Reshape', [windows, graph.integers([-1, featureCount])]);
}

function treeAttributes(trees: readonly Tree[]): Record<string, OnnxAttribute> {
  const nodes = { tree: [] as number[], id: [] as number[], feature: [] as number[], mode: [] as string[], value: [] as number[], yes: [] as number[], no: [] as number[], missing: [] as number[] };
  const leaves = { tree: [] as number[], node: [] as number[], weight: [] as number[] };
  trees.forEach((tree, index) => {
    const splits = tree.feature.length;
    // Splits keep their numbers, leaves come after them.
    const nodeOf = (child: number): number => (child >= 0 ? child : splits - 1 - child);
    const add = (id: number, mode: string, feature: number, value: number, yes: number, no: number, missing: number): void => {
      nodes.tree.push(index);
      nodes.id.push(id);
      nodes.mode.push(mode);
      nodes.feature.push(feature);
      nodes.value.push(value);
      nodes.yes.push(yes);
      nodes.no.push(no);
      nodes.missing.push(missing);
    };
    for (let split = 0; split < splits; split++) add(split, 'BRANCH_LEQ', tree.feature[split], floatAtMost(tree.threshold[split]), nodeOf(tree.left[split]), nodeOf(tree.right[split]), tree.missingLeft[split]);
    tree.leaf.forEach((weight, leaf) => {
      add(splits + leaf, 'LEAF', 0, 0, 0, 0, 0);
      leaves.tree.push(index);
      leaves.node.push(splits + leaf);
      leaves.weight.push(weight);
    });
  });
  return {
    n_targets: 1,
    aggregate_function: 'SUM',
    post_transform: 'NONE',
    nodes_treeids: nodes.tree,
    nodes_nodeids: nodes.id,
    nodes_featureids: nodes.feature,
    nodes_modes: { strings: nodes.mode },
    nodes_values: { floats: nodes.value },
    nodes_truenodeids: nodes.yes,
    nodes_falsenodeids: nodes.no,
    nodes_missing_value_tracks_true: nodes.missing,
    target_treeids: leaves.tree,
    target_nodeids: leaves.node,
    target_ids: leaves.tree.map(() => 0),
    target_weights: { floats: leaves.weight },
  };
}

/** The largest float32 that does not exceed `value`. */
export function floatAtMost(value: number): number {
  const near = Math.fround(value);
  if (near <= value) return near;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, near);
  const pattern = bits.getInt32(0);
  // The next float32 below: of a number above 0 one bit pattern less, of one below 0 one more, of 0 the smallest below.
  bits.setInt32(0, near === 0 ? -0x7fffffff : near > 0 ? pattern - 1 : pattern + 1);
  return bits.getFloat32(0);
}
