import { InputError } from '../errors.js';
import type { Architecture, LstmHead } from './architecture.js';
import { checkFinite, checkNamesAndShapes, KNOWN_ARCHITECTURES } from './check-weights.js';
import type { Weights } from './checkpoint.js';
import { describeLstm, isLstm } from './lstm.js';
import { POSITIONS } from './positions.js';
import { describeTcn, isTcn } from './tcn.js';
import { attentionHeads, checkPositions, describeTransformer, isTransformer } from './transformer.js';
import { weightShapes } from './weight-shapes.js';

/** What a person may say of a model that its weights do not. */
export interface ArchitectureOptions {
  /** Reads the LSTM out in the other way; its weights stay those of the file. Does not concern a Transformer. */
  readonly head?: LstmHead | undefined;
  /** Attention heads of a Transformer. Does not concern an LSTM. */
  readonly heads?: number | undefined;
}

export interface DescribedArchitecture {
  readonly architecture: Architecture;
  readonly assumed: readonly string[];
}

/**
 * The architecture these weights make, sizes taken from their shapes and the head from their names.
 * @param otherTensors tensors of the file that are no float weights, name to element type, for messages.
 * @throws InputError `unknown-architecture`, `missing-weight`, `unexpected-weight`, `wrong-shape`, `not-finite-weight`,
 * `heads-needed`, `heads-do-not-fit`.
 */
export function describeArchitecture(
  weights: Weights,
  options: ArchitectureOptions & { readonly file: string; readonly otherTensors?: ReadonlyMap<string, string> },
): DescribedArchitecture {
  const { file, head, heads, otherTensors = new Map<string, string>() } = options;
  if (isLstm(weights)) {
    const architecture = describeLstm(weights, head, file);
    checkNamesAndShapes(weights, weightShapes(architecture), { file, model: `an LSTM of ${count(architecture.layers, 'layer')}`, otherTensors });
    checkFinite(weights, file);
    return { architecture, assumed: [] };
  }
  if (isTransformer(weights)) {
    const sizes = describeTransformer(weights);
    const parameters = new Map([...weights].filter(([name]) => name !== POSITIONS));
    checkNamesAndShapes(parameters, weightShapes(sizes), { file, model: `a Transformer of ${count(sizes.layers, 'layer')}`, otherTensors });
    checkPositions(weights, sizes.modelSize, file);
    checkFinite(weights, file);
    const attention = attentionHeads(sizes.modelSize, heads, file);
    const assumed = attention.assumed ? [`${attention.heads} attention heads for model size ${sizes.modelSize}`] : [];
    return { architecture: { ...sizes, heads: attention.heads }, assumed };
  }
  if (isTcn(weights)) {
    const architecture = describeTcn(weights);
    checkNamesAndShapes(weights, weightShapes(architecture), { file, model: `a TCN of ${count(architecture.layers, 'layer')}`, otherTensors });
    checkFinite(weights, file);
    return { architecture, assumed: [] };
  }
  const names = [...weights.keys(), ...otherTensors.keys()];
  const seen = names.slice(0, 10).join(', ') + (names.length > 10 ? `, and ${names.length - 10} more` : '');
  throw new InputError(`${file}: the weights are of no known architecture; it has ${seen === '' ? 'none' : seen}`, {
    code: 'unknown-architecture',
    place: { file },
    hint: KNOWN_ARCHITECTURES,
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
