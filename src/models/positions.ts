import { InputError } from '../errors.js';
import type { TransformerArchitecture } from './architecture.js';
import type { Weights } from './checkpoint.js';

/** The buffer in which PyTorch keeps the positional encoding. */
export const POSITIONS = 'pos_encoder.pe';

/**
 * What is added to each time step, `[length, modelSize]` row-major: the file's own values where it has them (a trainer
 * may have changed them), else the sinusoids of "Attention is all you need", even columns sine, odd columns cosine of
 * position / 10000^(2i/d).
 * @throws InputError `window-too-long` where the file holds fewer positions than asked for.
 */
export function positionalEncoding(architecture: TransformerArchitecture, weights: Weights, length: number): Float32Array {
  const { modelSize } = architecture;
  const stored = weights.get(POSITIONS);
  if (stored === undefined) return sinusoids(length, modelSize);
  const positions = stored.data.length / modelSize;
  if (length > positions) {
    throw new InputError(`the checkpoint has ${positions} positions and the windows have ${length} rows`, {
      code: 'window-too-long',
      place: { tensor: POSITIONS },
      hint: `use windows of at most ${positions} rows: --window-length ${positions}`,
    });
  }
  return stored.data.slice(0, length * modelSize);
}

/** The sinusoidal positions `[length, modelSize]`, each step rounded to float32 as PyTorch computes them. */
export function sinusoids(length: number, modelSize: number): Float32Array {
  const values = new Float32Array(length * modelSize);
  const exponent = Math.fround(-Math.log(10000) / modelSize);
  for (let position = 0; position < length; position++) {
    for (let column = 0; column < modelSize; column++) {
      const frequency = Math.fround(Math.exp(Math.fround((column - (column % 2)) * exponent)));
      const angle = Math.fround(position * frequency);
      values[position * modelSize + column] = column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return values;
}
