import { InputError } from '../errors.js';
import type { TransformerArchitecture } from './architecture.js';
import { KNOWN_ARCHITECTURES, sameShape, shapeText } from './check-weights.js';
import type { Weights } from './checkpoint.js';
import { POSITIONS } from './positions.js';
import { agreedSize, layerCount, type SizeVote } from './size-votes.js';

/** The main size of the original (V3); its number of heads is the one known convention. */
const MAIN_SIZE = { modelSize: 128, heads: 8 };

export function isTransformer(weights: Weights): boolean {
  return [...weights.keys()].some((name) => name.startsWith('transformer_encoder.') || name.startsWith('input_projection.'));
}

/** Sizes of a Transformer from its weights; `heads` 0 until {@link attentionHeads} has said it. */
export function describeTransformer(weights: Weights): TransformerArchitecture {
  const layers = Math.max(1, layerCount(weights.keys(), /^transformer_encoder\.layers\.(\d{1,3})\./));
  return {
    kind: 'transformer',
    inputSize: agreedSize(weights, [['input_projection.weight', 1]]),
    modelSize: agreedSize(weights, modelVotes(layers)),
    layers,
    heads: 0,
    feedForwardSize: agreedSize(weights, feedForwardVotes(layers)),
    headSize: agreedSize(weights, [['output_layer.0.weight', 0], ['output_layer.0.bias', 0], ['output_layer.3.weight', 1]]),
  };
}

function modelVotes(layers: number): SizeVote[] {
  const votes: SizeVote[] = [['input_projection.weight', 0], ['input_projection.bias', 0], ['output_layer.0.weight', 1]];
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `transformer_encoder.layers.${layer}`;
    for (const name of ['self_attn.out_proj.bias', 'norm1.weight', 'norm2.weight', 'linear2.bias']) votes.push([`${prefix}.${name}`, 0]);
    votes.push([`${prefix}.self_attn.in_proj_weight`, 1], [`${prefix}.self_attn.in_proj_bias`, 0, 3]);
  }
  return votes;
}

function feedForwardVotes(layers: number): SizeVote[] {
  return Array.from({ length: layers }, (_, layer) => `transformer_encoder.layers.${layer}`).flatMap((prefix): SizeVote[] => [
    [`${prefix}.linear1.weight`, 0],
    [`${prefix}.linear1.bias`, 0],
    [`${prefix}.linear2.weight`, 1],
  ]);
}

/**
 * The number of attention heads, which no weight shows: as given, else 8 for model size 128 (assumed), else refused,
 * since any divisor computes and all but one compute something else.
 * @throws InputError `heads-needed`, `heads-do-not-fit`.
 */
export function attentionHeads(modelSize: number, given: number | undefined, file: string): { heads: number; assumed: boolean } {
  if (given === undefined) {
    if (modelSize === MAIN_SIZE.modelSize) return { heads: MAIN_SIZE.heads, assumed: true };
    throw new InputError(`${file}: the weights of a Transformer do not say its number of attention heads (model size ${modelSize})`, {
      code: 'heads-needed',
      place: { file },
      hint: `give the number it was trained with, a divisor of ${modelSize}: --heads N`,
    });
  }
  if (!Number.isInteger(given) || given < 1 || modelSize % given !== 0) {
    throw new InputError(`${file}: ${given} attention heads do not divide the model size ${modelSize}`, {
      code: 'heads-do-not-fit',
      place: { file },
      hint: `give a divisor of ${modelSize}: --heads N`,
    });
  }
  return { heads: given, assumed: false };
}

/** `pos_encoder.pe` is a buffer: it may be absent; where present it is `[positions, 1, d]` or `[1, positions, d]`. */
export function checkPositions(weights: Weights, modelSize: number, file: string): void {
  const shape = weights.get(POSITIONS)?.shape;
  if (shape === undefined) return;
  const positions = Math.max(shape[0] ?? 0, shape[1] ?? 0);
  if (sameShape([positions, 1, modelSize], shape) || sameShape([1, positions, modelSize], shape)) return;
  throw new InputError(`${file}, tensor ${POSITIONS}: expected [positions, 1, ${modelSize}], found ${shapeText(shape)}`, {
    code: 'wrong-shape',
    place: { file, tensor: POSITIONS },
    hint: KNOWN_ARCHITECTURES,
  });
}
