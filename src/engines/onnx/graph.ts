import { encodeOnnx, FLOAT, INT64, type OnnxAttribute, type OnnxNode, type OnnxTensor, type OnnxValue } from './protobuf.js';

/** Builds an ONNX graph node by node; every method returns the name of what it adds. */
export class OnnxGraph {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly domains = new Set<string>();
  private counter = 0;

  input(name: string, shape: readonly (number | string)[]): string {
    this.inputs.push({ name, shape });
    return name;
  }

  output(name: string, shape: readonly (number | string)[]): void {
    this.outputs.push({ name, shape });
  }

  floats(shape: readonly number[], data: Float32Array): string {
    return this.initializer(FLOAT, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.initializer(INT64, [values.length], new Uint8Array(data.buffer));
  }

  scalar(value: number): string {
    return this.initializer(INT64, [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  initializer(type: OnnxTensor['type'], shape: readonly number[], bytes: Uint8Array): string {
    const name = `constant_${this.initializers.length}`;
    this.initializers.push({ name, type, shape, bytes });
    return name;
  }

  /** A node with one output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}, domain = ''): string {
    return this.nodeOutputs(op, inputs, [true], attributes, domain)[0];
  }

  /** A node with several outputs. One that is not wanted has the name '' and is not computed. */
  nodeOutputs(op: string, inputs: readonly string[], wanted: readonly boolean[], attributes: Readonly<Record<string, OnnxAttribute>> = {}, domain = ''): string[] {
    const outputs = wanted.map((isWanted, index) => (isWanted ? `${op.toLowerCase()}_${this.counter}_${index}` : ''));
    this.counter++;
    this.nodes.push({ op, inputs, outputs, attributes, domain });
    this.domains.add(domain);
    return outputs;
  }

  /** Gives an existing value the name a caller will ask for. */
  nameOutput(value: string, name: string, shape: readonly (number | string)[]): void {
    this.nodes.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {}, domain: '' });
    this.output(name, shape);
  }

  /** @returns the bytes of the `.onnx` file */
  encode(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const opsets: Record<string, number> = { '': 17 };
    if (this.domains.has('com.microsoft')) opsets['com.microsoft'] = 1;
    if (this.domains.has('ai.onnx.ml')) opsets['ai.onnx.ml'] = 3;
    return encodeOnnx({ nodes: this.nodes, initializers: this.initializers, inputs: this.inputs, outputs: this.outputs, opsets, metadata });
  }
}
