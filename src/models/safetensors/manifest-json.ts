import type { Architecture } from '../architecture.js';
import type { Manifest } from '../checkpoint.js';
import { isRecord, parseFields, type Field, type Reader } from './json-field.js';

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
  const field = parseFields(text, 'the crpbot manifest', file);
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
  return manifestFrom(parseFields(text, 'the crpbot manifest', file));
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
