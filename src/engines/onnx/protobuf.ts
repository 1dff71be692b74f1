import { PbfWriter } from 'pbf';

/** ONNX element types used here (onnx.proto, TensorProto.DataType). */
export const FLOAT = 1;
export const INT8 = 3;
export const INT64 = 7;

export interface OnnxTensor {
  readonly name: string;
  readonly type: typeof FLOAT | typeof INT8 | typeof INT64;
  readonly shape: readonly number[];
  /** Little-endian elements. */
  readonly bytes: Uint8Array;
}

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] } | { readonly strings: readonly string[] };

export interface OnnxNode {
  readonly op: string;
  /** Empty is the standard operator set. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  /** A name is a dimension that varies. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Operator sets by domain, `{ '': 17 }`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

// Field numbers below are those of onnx.proto (IR version 8).
function writeTensor(tensor: OnnxTensor, out: PbfWriter): void {
  out.writePackedVarint(1, [...tensor.shape]);
  out.writeVarintField(2, tensor.type);
  out.writeStringField(8, tensor.name);
  out.writeBytesField(9, tensor.bytes);
}

function writeAttribute([name, value]: readonly [string, OnnxAttribute], out: PbfWriter): void {
  out.writeStringField(1, name);
  if (typeof value === 'number') {
    out.writeVarintField(3, value);
    out.writeVarintField(20, 2);
  } else if (typeof value === 'string') {
    out.writeBytesField(4, Buffer.from(value, 'utf8'));
    out.writeVarintField(20, 3);
  } else if ('float' in value) {
    out.writeFloatField(2, value.float);
    out.writeVarintField(20, 1);
  } else if ('floats' in value) {
    for (const each of value.floats) out.writeFloatField(7, each);
    out.writeVarintField(20, 6);
  } else if ('strings' in value) {
    for (const text of value.strings) out.writeBytesField(9, Buffer.from(text, 'utf8'));
    out.writeVarintField(20, 8);
  } else {
    for (const integer of value) out.writeVarintField(8, integer);
    out.writeVarintField(20, 7);
  }
}

function writeNode(node: OnnxNode, out: PbfWriter): void {
  for (const input of node.inputs) out.writeStringField(1, input);
  for (const output of node.outputs) out.writeStringField(2, output);
  out.writeStringField(4, node.op);
  for (const attribute of Object.entries(node.attributes)) out.writeMessage(5, writeAttribute, attribute);
  if (node.domain !== '') out.writeStringField(7, node.domain);
}

function writeDimension(dimension: number | string, out: PbfWriter): void {
  if (typeof dimension === 'number') out.writeVarintField(1, dimension);
  else out.writeStringField(2, dimension);
}

function writeShape(shape: readonly (number | string)[], out: PbfWriter): void {
  for (const dimension of shape) out.writeMessage(1, writeDimension, dimension);
}

function writeTensorType(shape: readonly (number | string)[], out: PbfWriter): void {
  out.writeVarintField(1, FLOAT);
  out.writeMessage(2, writeShape, shape);
}

function writeType(shape: readonly (number | string)[], out: PbfWriter): void {
  out.writeMessage(1, writeTensorType, shape);
}

function writeValue(value: OnnxValue, out: PbfWriter): void {
  out.writeStringField(1, value.name);
  out.writeMessage(2, writeType, value.shape);
}

function writeGraph(model: OnnxModel, out: PbfWriter): void {
  for (const node of model.nodes) out.writeMessage(1, writeNode, node);
  out.writeStringField(2, 'crpbot');
  for (const tensor of model.initializers) out.writeMessage(5, writeTensor, tensor);
  for (const input of model.inputs) out.writeMessage(11, writeValue, input);
  for (const output of model.outputs) out.writeMessage(12, writeValue, output);
}

function writeOpset([domain, version]: readonly [string, number], out: PbfWriter): void {
  if (domain !== '') out.writeStringField(1, domain);
  out.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], out: PbfWriter): void {
  out.writeStringField(1, key);
  out.writeStringField(2, value);
}

/** The bytes of an `.onnx` file (IR version 8). */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const out = new PbfWriter();
  out.writeVarintField(1, 8);
  out.writeStringField(2, 'crpbot');
  out.writeMessage(7, writeGraph, model);
  for (const opset of Object.entries(model.opsets)) out.writeMessage(8, writeOpset, opset);
  for (const entry of Object.entries(model.metadata)) out.writeMessage(14, writeEntry, entry);
  return out.finish();
}
