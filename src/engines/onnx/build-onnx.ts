import type { Architecture } from '../../models/architecture.js';
import type { Weights } from '../../models/checkpoint.js';
import { receptiveField } from '../../models/tcn.js';
import { OnnxGraph } from './graph.js';
import { addLstm, type Precision } from './lstm-graph.js';
import { addTcn } from './tcn-graph.js';
import { addTransformer } from './transformer-graph.js';

/** `time-first`: windows are `[time, batch, features]`. `batch-first`: `[batch, time, features]`, what others expect of a file. */
export type Layout = 'time-first' | 'batch-first';

export interface OnnxOptions {
  /** Rows a window holds; `rows`: any number, for a TCN only. */
  readonly windowLength: number | 'rows';
  readonly layout: Layout;
  readonly precision: Precision;
  /** Stored in the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The layout in which a batch of overlapping windows is cheapest to run. */
export function preferredLayout(architecture: Architecture): Layout {
  return architecture.kind === 'lstm' ? 'time-first' : 'batch-first';
}

/**
 * The bytes of an `.onnx` model: one input `windows`, float32, one output `p`, `[batch, 1]` = P(up), of a TCN
 * `[batch, windowLength - receptiveField + 1]`. Built in memory from the weights alone.
 */
export function buildOnnx(architecture: Architecture, weights: Weights, options: OnnxOptions): Uint8Array {
  const graph = new OnnxGraph();
  const { windowLength, layout, precision } = options;
  const timeFirst = layout === 'time-first';
  const shape = timeFirst ? [windowLength, 'batch', architecture.inputSize] : ['batch', windowLength, architecture.inputSize];
  const windows = graph.input('windows', shape);
  const wanted = preferredLayout(architecture);
  const arranged = wanted === layout ? windows : graph.node('Transpose', [windows], { perm: [1, 0, 2] });
  if (architecture.kind === 'tcn') {
    const predictions = windowLength === 'rows' ? 'predictions' : windowLength - receptiveField(architecture) + 1;
    graph.nameOutput(addTcn(graph, architecture, weights, arranged), 'p', ['batch', predictions]);
    return graph.encode(options.metadata);
  }
  if (windowLength === 'rows') throw new Error(`the graph of a ${architecture.kind} is built for one window length`);
  const p =
    architecture.kind === 'lstm'
      ? addLstm(graph, architecture, weights, arranged, precision)
      : addTransformer(graph, architecture, weights, arranged, windowLength, precision);
  graph.nameOutput(p, 'p', ['batch', 1]);
  return graph.encode(options.metadata);
}
