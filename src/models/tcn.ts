import type { TcnArchitecture } from './architecture.js';
import type { Weights } from './checkpoint.js';
import { agreedSize, layerCount, type SizeVote } from './size-votes.js';

/** Rows between the taps of layer `layer`, counted from 0: 1, 2, 4, 8 ... */
export function dilation(layer: number): number {
  return 2 ** layer;
}

/**
 * Rows a prediction is made of, its own included: 1 + (kernelSize - 1) * (1 + 2 + 4 + ...). It is the model's window
 * length: row t is predicted from exactly the rows t - receptiveField + 1 .. t.
 */
export function receptiveField({ kernelSize, layers }: Pick<TcnArchitecture, 'kernelSize' | 'layers'>): number {
  return 1 + (kernelSize - 1) * (2 ** layers - 1);
}

export function isTcn(weights: Weights): boolean {
  return [...weights.keys()].some((name) => name.startsWith('tcn.'));
}

/** Sizes of a TCN from its weights; they say all of it, since dilations always double. */
export function describeTcn(weights: Weights): TcnArchitecture {
  const layers = Math.max(1, layerCount(weights.keys(), /^tcn\.layers\.(\d{1,3})\./));
  const names = Array.from({ length: layers }, (_, layer) => `tcn.layers.${layer}`);
  return {
    kind: 'tcn',
    inputSize: agreedSize(weights, [['tcn.input.weight', 1]]),
    channels: agreedSize(weights, channelVotes(names)),
    kernelSize: agreedSize(weights, names.map((name): SizeVote => [`${name}.dilated.weight`, 2])),
    layers,
    headSize: agreedSize(weights, [['head.0.weight', 0], ['head.0.bias', 0], ['head.3.weight', 1]]),
  };
}

function channelVotes(layers: readonly string[]): SizeVote[] {
  const votes: SizeVote[] = [['tcn.input.weight', 0], ['tcn.input.bias', 0], ['head.0.weight', 1]];
  for (const layer of layers) {
    votes.push([`${layer}.dilated.weight`, 0, 2], [`${layer}.dilated.weight`, 1], [`${layer}.dilated.bias`, 0, 2]);
    votes.push([`${layer}.residual.weight`, 0], [`${layer}.residual.weight`, 1], [`${layer}.residual.bias`, 0]);
  }
  return votes;
}
