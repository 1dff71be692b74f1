import { InputError } from '../errors.js';
import type { LstmArchitecture, LstmHead } from './architecture.js';
import { KNOWN_ARCHITECTURES } from './check-weights.js';
import type { Weights } from './checkpoint.js';
import { agreedSize, layerCount, type SizeVote } from './size-votes.js';
import { lstmDirections } from './weight-shapes.js';

/** Which head a training script's names stand for. */
const HEADS: readonly { readonly head: LstmHead; readonly layers: readonly [string, string] }[] = [
  { head: 'final-hidden', layers: ['fc.0', 'fc.3'] },
  { head: 'last-step', layers: ['fc1', 'fc2'] },
];

export function isLstm(weights: Weights): boolean {
  return [...weights.keys()].some((name) => name.startsWith('lstm.'));
}

/**
 * Sizes of an LSTM from its weights, its head from their names. A given head changes what is read out of the LSTM;
 * the head's layers stay those of the file.
 */
export function describeLstm(weights: Weights, head: LstmHead | undefined, file: string): LstmArchitecture {
  const found = HEADS.filter(({ layers }) => layers.some((layer) => weights.has(`${layer}.weight`)));
  const [named] = found;
  if (named === undefined || found.length > 1) {
    const names = HEADS.map(({ head: name, layers }) => `${layers.join(' and ')} (${name})`).join(' or ');
    throw new InputError(`${file}: the LSTM's head must be ${names}; the file has ${named === undefined ? 'neither' : 'both'}`, {
      code: 'unknown-architecture',
      place: { file },
      hint: KNOWN_ARCHITECTURES,
    });
  }
  const layers = Math.max(1, layerCount(weights.keys(), /^lstm\.(?:weight|bias)_[ih]h_l(\d{1,3})(?:_reverse)?$/));
  const bidirectional = [...weights.keys()].some((name) => /^lstm\..*_reverse$/.test(name));
  const directions = lstmDirections(bidirectional);
  const [first, second] = named.layers;
  return {
    kind: 'lstm',
    inputSize: agreedSize(weights, directions.map((direction) => [`lstm.weight_ih_l0${direction}`, 1])),
    hiddenSize: agreedSize(weights, hiddenVotes(layers, directions)),
    layers,
    bidirectional,
    head: head ?? named.head,
    headSize: agreedSize(weights, [[`${first}.weight`, 0], [`${first}.bias`, 0], [`${second}.weight`, 1]]),
    headLayers: named.layers,
  };
}

function hiddenVotes(layers: number, directions: readonly string[]): SizeVote[] {
  const votes: SizeVote[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const direction of directions) {
      const suffix = `l${layer}${direction}`;
      votes.push([`lstm.weight_hh_${suffix}`, 1], [`lstm.weight_hh_${suffix}`, 0, 4], [`lstm.weight_ih_${suffix}`, 0, 4]);
      votes.push([`lstm.bias_ih_${suffix}`, 0, 4], [`lstm.bias_hh_${suffix}`, 0, 4]);
    }
  }
  return votes;
}
