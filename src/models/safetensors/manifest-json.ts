import type { Architecture } from '../architecture.js';
import type { Manifest } from '../checkpoint.js';
import { corruptCheckpoint } from '../refusals.js';
import { duplicateKey } from './json-keys.js';

/** What our own format says beyond the tensors. */
export interface Description {
  readonly architecture: Architecture;
  readonly manifest: Manifest;
  /** What was assumed when the file was made stays assumed: a conversion does not turn it into knowledge. */
  readonly assumed: readonly string[];
  /** SHA-256 over names, shapes and numbers of the weights, hex. */
  readonly weightsSha256: string;
}

const VERSION = 1;

/** Object keys sorted, so that one description always gives one text. */
export function descriptionToJson(description: Description): string {
  return JSON.stringify({ version: VERSION, ...description }, (_key, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

/** @throws InputError `corrupt-checkpoint` naming the field that is missing, of a wrong type or not known. */
export function descriptionFromJson(text: string, file: string): Description {
  const field = new Field(parse(text, file), 'the crpbot manifest', file);
  field.allow(['version', 'architecture', 'manifest', 'assumed', 'weightsSha256']);
  if (field.get('version').integer() !== VERSION) throw field.get('version').refuse(`must be ${VERSION}: a newer crpbot wrote the file`);
  return {
    architecture: architectureFrom(field.get('architecture')),
    manifest: manifestFrom(field.get('manifest')),
    assumed: field.get('assumed').list((each) => each.text()),
    weightsSha256: field.get('weightsSha256').text(),
  };
}

/** A manifest alone, as the metadata of our ONNX files hold it. @throws InputError `corrupt-checkpoint` */
export function manifestFromJson(text: string, file: string): Manifest {
  return manifestFrom(new Field(parse(text, file), 'the crpbot manifest', file));
}

function parse(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corruptCheckpoint(file, 'the crpbot manifest is not JSON', cause);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw corruptCheckpoint(file, `${twice} stands twice in the crpbot manifest`);
  return value;
}

function architectureFrom(field: Field): Architecture {
  const kind = field.get('kind').oneOf(['lstm', 'transformer', 'tcn']);
  const size = (name: string): number => field.get(name).integer(1);
  if (kind === 'transformer') {
    field.allow(['kind', 'inputSize', 'modelSize', 'layers', 'heads', 'feedForwardSize', 'headSize']);
    return {
      kind,
      inputSize: size('inputSize'),
      modelSize: size('modelSize'),
      layers: size('layers'),
      heads: size('heads'),
      feedForwardSize: size('feedForwardSize'),
      headSize: size('headSize'),
    };
  }
  if (kind === 'tcn') {
    field.allow(['kind', 'inputSize', 'channels', 'kernelSize', 'layers', 'headSize']);
    return { kind, inputSize: size('inputSize'), channels: size('channels'), kernelSize: size('kernelSize'), layers: size('layers'), headSize: size('headSize') };
  }
  field.allow(['kind', 'inputSize', 'hiddenSize', 'layers', 'bidirectional', 'head', 'headSize', 'headLayers']);
  const [first, second, ...rest] = field.get('headLayers').list((each) => each.text());
  if (first === undefined || second === undefined || rest.length > 0) throw field.get('headLayers').refuse('must be two names');
  return {
    kind,
    inputSize: size('inputSize'),
    hiddenSize: size('hiddenSize'),
    layers: size('layers'),
    bidirectional: field.get('bidirectional').boolean(),
    head: field.get('head').oneOf(['final-hidden', 'last-step']),
    headSize: size('headSize'),
    headLayers: [first, second],
  };
}

/** Absent stays absent: `exactOptionalPropertyTypes`. */
type Reader<T> = (field: Field) => T;

const manifestFields: { readonly [Name in keyof Required<Manifest>]: Reader<NonNullable<Manifest[Name]>> } = {
  featureSet: (field) => field.text(),
  columns: (field) => field.list((each) => each.text()),
  alignment: (field) => field.oneOf(['causal', 'legacy', 'legacy-a']),
  scaler: (field) => {
    field.allow(['mean', 'std']);
    const [mean, std] = [field.get('mean').list((each) => each.number()), field.get('std').list((each) => each.number())];
    if (mean.length !== std.length || std.some((each) => each <= 0)) throw field.refuse('must have as many means as standard deviations, these above 0');
    return { mean, std };
  },
  label: (field) => field.oneOf(['direction']),
  horizon: (field) => field.integer(1),
  windowLength: (field) => field.integer(1),
  windowMode: (field) => field.oneOf(['repo', 'notebook']),
  symbol: (field) => field.text(),
  trainedFrom: (field) => field.number(),
  trainedTo: (field) => field.number(),
  metrics: (field) => field.record((each) => each.number()),
  versions: (field) => field.record((each) => each.text()),
};

function manifestFrom(field: Field): Manifest {
  field.allow(Object.keys(manifestFields));
  const present = Object.entries(manifestFields).filter(([name]) => field.has(name));
  return Object.fromEntries(present.map(([name, read]) => [name, (read as Reader<unknown>)(field.get(name))]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of the JSON with its path, read as one type or refused. */
class Field {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
    private readonly file: string,
  ) {}

  refuse(what: string): Error {
    return corruptCheckpoint(this.file, `${this.path} ${what}, and is ${this.described()}`);
  }

  private described(): string {
    if (this.value === undefined) return 'missing';
    if (Array.isArray(this.value)) return 'a list';
    if (isRecord(this.value)) return 'an object';
    const text = JSON.stringify(this.value);
    return text.length > 80 ? `${text.slice(0, 80)}...` : text;
  }

  private object(): Record<string, unknown> {
    if (!isRecord(this.value)) throw this.refuse('must be an object');
    return this.value;
  }

  allow(names: readonly string[]): void {
    const unknown = Object.keys(this.object()).filter((name) => !names.includes(name));
    if (unknown.length > 0) throw corruptCheckpoint(this.file, `${this.path} has unknown fields: ${unknown.slice(0, 5).join(', ')}`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.object(), name);
  }

  get(name: string): Field {
    return new Field(this.has(name) ? this.object()[name] : undefined, `${this.path}, ${name}`, this.file);
  }

  text(): string {
    if (typeof this.value !== 'string') throw this.refuse('must be text');
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.refuse('must be true or false');
    return this.value;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw this.refuse('must be a number');
    return this.value;
  }

  integer(least = 0): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < least) throw this.refuse(`must be a whole number of at least ${least}`);
    return value;
  }

  oneOf<T extends string>(names: readonly T[]): T {
    const name = names.find((each) => each === this.value);
    if (name === undefined) throw this.refuse(`must be ${names.join(' or ')}`);
    return name;
  }

  list<T>(read: Reader<T>): T[] {
    if (!Array.isArray(this.value)) throw this.refuse('must be a list');
    return this.value.map((each: unknown, index) => read(new Field(each, `${this.path}[${index}]`, this.file)));
  }

  record<T>(read: Reader<T>): Record<string, T> {
    return Object.fromEntries(Object.keys(this.object()).map((name) => [name, read(this.get(name))]));
  }
}
