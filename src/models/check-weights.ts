import { InputError } from '../errors.js';
import type { Tensor, Weights } from './checkpoint.js';
import { unsupportedTensor } from './refusals.js';
import type { WeightShapes } from './weight-shapes.js';

const LISTED = 10;

/** The hint of every refusal by names or shapes. */
export const KNOWN_ARCHITECTURES =
  'known are lstm.* with fc.0 and fc.3 or with fc1 and fc2, and input_projection, transformer_encoder.layers.* and output_layer.0, output_layer.3, and tcn.* with head.0 and head.3: save such a model whole, with model.state_dict()';

export interface WeightCheck {
  readonly file: string;
  /** What the model is, for the message: `an LSTM of 2 layers`. */
  readonly model: string;
  /** Tensors of other element types that are in the file under these names. */
  readonly otherTensors: ReadonlyMap<string, string>;
}

/**
 * The weights are exactly those expected: none missing, none left over, every shape as it must be.
 * An expected size of 0 stands for one that could not be told from any weight.
 * @throws InputError `missing-weight`, `unexpected-weight`, `wrong-shape`, each listing up to ten tensors;
 * `unsupported-tensor` for a weight of integers.
 */
export function checkNamesAndShapes(weights: Weights, expected: WeightShapes, check: WeightCheck): void {
  const missing = [...expected.keys()].filter((name) => !weights.has(name));
  const unexpected = [...weights.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0) {
    const unreadable = missing.find((name) => check.otherTensors.has(name));
    if (unreadable !== undefined) throw unsupportedTensor(check.file, unreadable, `its elements are ${check.otherTensors.get(unreadable)}`);
    const also = unexpected.length === 0 ? '' : `; it has instead ${listed(unexpected)}`;
    throw refusal('missing-weight', `${check.model} needs ${listed(missing)}, which ${missing.length === 1 ? 'is' : 'are'} missing${also}`, missing, check);
  }
  if (unexpected.length > 0) {
    throw refusal('unexpected-weight', `${check.model} has no ${listed(unexpected)}`, unexpected, check);
  }
  const wrong = [...expected].filter(([name, shape]) => !sameShape(shape, (weights.get(name) as Tensor).shape));
  if (wrong.length > 0) {
    const described = wrong.map(([name, shape]) => {
      const found = (weights.get(name) as Tensor).shape;
      return `${name}: expected ${shapeText(shape)}, found ${shapeText(found)}`;
    });
    throw refusal('wrong-shape', `${check.model}: ${listed(described, '; ')}`, wrong.map(([name]) => name), check);
  }
}

/** @throws InputError `not-finite-weight` naming the first such tensor, how many values and where the first stands. */
export function checkFinite(weights: Weights, file: string): void {
  for (const [name, { shape, data }] of weights) {
    let first = 0;
    while (first < data.length && Number.isFinite(data[first])) first++;
    if (first === data.length) continue;
    const count = data.reduce((sum, value) => (Number.isFinite(value) ? sum : sum + 1), 0);
    throw new InputError(
      `${file}, tensor ${name} ${shapeText(shape)}: ${count} of ${data.length} values ${count === 1 ? 'is' : 'are'} not finite, the first ${data[first]} at ${indexText(first, shape)}`,
      {
        code: 'not-finite-weight',
        place: { file, tensor: name },
        hint: 'the training diverged or the numbers do not fit float32: use an earlier checkpoint',
      },
    );
  }
}

function refusal(code: string, what: string, tensors: readonly string[], check: WeightCheck): InputError {
  const [tensor] = tensors;
  return new InputError(`${check.file}: ${what}`, {
    code,
    place: tensor === undefined ? { file: check.file } : { file: check.file, tensor },
    hint: KNOWN_ARCHITECTURES,
  });
}

function listed(names: readonly string[], separator = ', '): string {
  const rest = names.length - LISTED;
  return names.slice(0, LISTED).join(separator) + (rest > 0 ? `${separator}and ${rest} more` : '');
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size > 0 && size === b[axis]);
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.map((size) => (size === 0 ? '?' : size)).join(', ')}]`;
}

function indexText(flat: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${index.join(', ')}]`;
}
