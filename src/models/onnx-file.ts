import { PbfReader } from 'pbf';
import { InputError } from '../errors.js';
import type { Manifest } from './checkpoint.js';
import { manifestFromJson } from './safetensors/manifest-json.js';

/** A model that comes as a graph, not as weights: ours, exported, or made elsewhere. */
export interface OnnxModel {
  readonly format: 'onnx';
  readonly bytes: Uint8Array;
  /** What the file's metadata say under `crpbot`; empty for a file made elsewhere. */
  readonly manifest: Manifest;
  /** Features a row; absent where the file leaves it open. */
  readonly inputSize?: number;
  readonly windowLength?: number;
  /** `windows`: `[batch, time, features]`. `rows`: `[batch, features]`, the newest row alone, as scikit-learn’s converters write it. */
  readonly input: 'windows' | 'rows';
  /** Which output holds P(up): the last one that is float32. */
  readonly outputIndex: number;
  readonly file: string;
  readonly sha256: string;
  readonly assumed: readonly string[];
}

interface Value {
  name: string;
  elementType: number;
  shape: (number | undefined)[];
}

interface Graph {
  inputs: Value[];
  outputs: Value[];
  initializers: Set<string>;
  metadata: Map<string, string>;
}

const FLOAT = 1;
/** A sequence or a map. */
const OTHER_TYPE = -1;

/**
 * Reads what an `.onnx` file says of itself: inputs, outputs, metadata. Windows go in as `[batch, time, features]`, or,
 * of a model of one row, as `[batch, features]`.
 * The graph itself is not looked at: the engine that loads it judges it.
 * @throws InputError `bad-onnx` when it is not an ONNX model, or has not exactly one float32 input of rank 2 or 3 for any
 *   number of windows; `corrupt-checkpoint` when its own manifest is damaged
 */
export function describeOnnx(bytes: Uint8Array, file: string, sha256: string): OnnxModel {
  const graph = readGraph(bytes, file);
  const inputs = graph.inputs.filter((input) => !graph.initializers.has(input.name));
  const input = inputs[0];
  if (inputs.length !== 1 || input === undefined || input.elementType !== FLOAT || (input.shape.length !== 3 && input.shape.length !== 2)) {
    const found = inputs.map((value) => `${value.name} [${value.shape.map((size) => size ?? '?').join(', ')}]`).join(', ') || 'none';
    throw refuse(file, `it must have one float32 input [batch, time, features] or [batch, features]; it has ${found}`);
  }
  const outputIndex = graph.outputs.map((output) => output.elementType).lastIndexOf(FLOAT);
  if (outputIndex < 0) {
    const zipMap = graph.outputs.some(({ elementType }) => elementType === OTHER_TYPE);
    throw zipMap
      ? refuse(file, 'its probabilities come as a list of maps (ZipMap)', undefined, 'export it with its probabilities as a tensor: convert_sklearn(..., options={id(model): {"zipmap": False}}), or convert_lightgbm(..., zipmap=False)')
      : refuse(file, 'it has no float32 output');
  }
  const [batch, windowLength, inputSize] = input.shape.length === 2 ? [input.shape[0], 1, input.shape[1]] : input.shape;
  if (batch !== undefined) throw refuse(file, `it takes exactly ${batch} window${batch === 1 ? '' : 's'} a run`, undefined, 'export it with a batch axis of any size (dynamic_axes)');
  const metadata = graph.metadata.get('crpbot');
  const manifest = metadata === undefined ? {} : manifestFromJson(metadata, file);
  if (windowLength !== undefined && (manifest.windowLength ?? windowLength) !== windowLength) {
    throw refuse(file, `its metadata say windows of ${manifest.windowLength} rows and its input has ${windowLength}`, undefined, 'convert the model again');
  }
  return {
    format: 'onnx',
    bytes,
    manifest,
    ...(inputSize === undefined ? {} : { inputSize }),
    ...(windowLength === undefined ? {} : { windowLength }),
    input: input.shape.length === 2 ? 'rows' : 'windows',
    outputIndex,
    file,
    sha256,
    assumed: [],
  };
}

function refuse(file: string, reason: string, cause?: unknown, hint = 'export the model with one input of windows and P(up) as its output'): InputError {
  return new InputError(`${file} cannot be used: ${reason}`, { code: 'bad-onnx', place: { file }, hint, cause });
}

// Field numbers are those of onnx.proto: ModelProto graph 7, metadata_props 14; GraphProto initializer 5, input 11, output 12.
function readGraph(bytes: Uint8Array, file: string): Graph {
  const graph: Graph = { inputs: [], outputs: [], initializers: new Set(), metadata: new Map() };
  try {
    new PbfReader(bytes).readFields((tag, _, pbf) => {
      if (tag === 7) pbf.readMessage(readGraphField, graph);
      else if (tag === 14) {
        const entry = pbf.readMessage(
          (field, pair: { key: string; value: string }, inner) => {
            if (field === 1) pair.key = inner.readString();
            else if (field === 2) pair.value = inner.readString();
          },
          { key: '', value: '' },
        );
        graph.metadata.set(entry.key, entry.value);
      }
    }, graph);
  } catch (cause) {
    throw refuse(file, 'it is not an ONNX model or is truncated', cause);
  }
  if (graph.outputs.length === 0) throw refuse(file, 'it is not an ONNX model');
  return graph;
}

function readGraphField(tag: number, graph: Graph, pbf: PbfReader): void {
  if (tag === 5) graph.initializers.add(pbf.readMessage((field, tensor: { name: string }, inner) => { if (field === 8) tensor.name = inner.readString(); }, { name: '' }).name);
  else if (tag === 11 || tag === 12) {
    const value = pbf.readMessage(readValueField, { name: '', elementType: 0, shape: [] });
    (tag === 11 ? graph.inputs : graph.outputs).push(value);
  }
}

function readValueField(tag: number, value: Value, pbf: PbfReader): void {
  if (tag === 1) value.name = pbf.readString();
  else if (tag === 2) pbf.readMessage((field, target: Value, type) => {
    if (field === 1) type.readMessage(readTensorField, target);
    else if (field === 4 || field === 5) target.elementType = OTHER_TYPE;
  }, value);
}

function readTensorField(tag: number, value: Value, pbf: PbfReader): void {
  if (tag === 1) value.elementType = pbf.readVarint();
  else if (tag === 2) {
    pbf.readMessage((field, shape: Value['shape'], inner) => {
      if (field !== 1) return;
      const dimension = inner.readMessage((part, size: { value?: number }, dim) => { if (part === 1) size.value = dim.readVarint(); }, {});
      shape.push(dimension.value !== undefined && dimension.value > 0 ? dimension.value : undefined);
    }, value.shape);
  }
}
