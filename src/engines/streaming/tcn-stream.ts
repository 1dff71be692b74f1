import type { TcnArchitecture } from '../../models/architecture.js';
import type { Tensor, Weights } from '../../models/checkpoint.js';
import { weightsSha256 } from '../../models/safetensors/weights-hash.js';
import { dilation, receptiveField } from '../../models/tcn.js';
import { addMatrixVector, matrixOf, type DenseMatrix } from './dense-matrix.js';
import { openStreamState, sealStreamState } from './tcn-stream-state.js';

interface Layer {
  /** Taps, oldest first, each `[2 * channels, channels]`. */
  readonly taps: readonly DenseMatrix[];
  readonly bias: Float64Array;
  readonly residual: DenseMatrix;
  readonly residualBias: Float64Array;
  /** The layer's inputs of the last `(kernelSize - 1) * dilation` rows, `[rows, channels]`, a ring over row numbers. */
  readonly ring: Float64Array;
  readonly ringRows: number;
  readonly dilation: number;
}

/**
 * A TCN row by row: each layer keeps the inputs it will look back at, so that a row costs the same whatever came
 * before. Float64 throughout; equal to the batch form to float32's rounding.
 */
export class TcnStream {
  private readonly layers: readonly Layer[];
  private readonly input: DenseMatrix;
  private readonly head: DenseMatrix;
  private readonly output: DenseMatrix;
  private readonly bias: { readonly input: Float64Array; readonly head: Float64Array; readonly output: Float64Array };
  private readonly value: Float64Array;
  private readonly halves: Float64Array;
  private readonly hidden: Float64Array;
  private readonly weightsHash: string;
  private seen = 0;

  constructor(
    private readonly architecture: TcnArchitecture,
    weights: Weights,
  ) {
    const { channels, kernelSize, layers, headSize } = architecture;
    const weight = (name: string): Tensor => {
      const tensor = weights.get(name);
      if (tensor === undefined) throw new Error(`weight ${name} is missing: the architecture does not describe these weights`);
      return tensor;
    };
    const bias = (name: string) => Float64Array.from(weight(`${name}.bias`).data);
    const matrix = (name: string, tap = 0) => matrixOf(weight(`${name}.weight`), tap);
    this.layers = Array.from({ length: layers }, (_, layer): Layer => {
      const name = `tcn.layers.${layer}`;
      const ringRows = (kernelSize - 1) * dilation(layer);
      return {
        taps: Array.from({ length: kernelSize }, (_, tap) => matrix(`${name}.dilated`, tap)),
        bias: bias(`${name}.dilated`),
        residual: matrix(`${name}.residual`),
        residualBias: bias(`${name}.residual`),
        ring: new Float64Array(ringRows * channels),
        ringRows,
        dilation: dilation(layer),
      };
    });
    this.input = matrix('tcn.input');
    this.head = matrix('head.0');
    this.output = matrix('head.3');
    this.bias = { input: bias('tcn.input'), head: bias('head.0'), output: bias('head.3') };
    this.value = new Float64Array(channels);
    this.halves = new Float64Array(2 * channels);
    this.hidden = new Float64Array(Math.max(headSize, channels));
    this.weightsHash = weightsSha256(weights);
  }

  /** Rows still to come before the first prediction. */
  get missingRows(): number {
    return Math.max(0, receptiveField(this.architecture) - this.seen);
  }

  /**
   * Takes the next minute's scaled features, `[inputSize]`, rounded to float32 as in batch.
   * @returns P(up), or undefined while fewer than `receptiveField` rows have come
   */
  push(row: ArrayLike<number>): number | undefined {
    const { value, halves, hidden } = this;
    const { channels } = this.architecture;
    value.set(this.bias.input);
    addMatrixVector(this.input, row, 0, value);
    for (const { taps, bias, residual, residualBias, ring, ringRows, dilation: apart } of this.layers) {
      halves.set(bias);
      const last = taps.length - 1;
      for (let tap = 0; tap < last; tap++) {
        const earlier = this.seen - (last - tap) * apart + ringRows;
        addMatrixVector(taps[tap], ring, (earlier % ringRows) * channels, halves);
      }
      addMatrixVector(taps[last], value, 0, halves);
      if (ringRows > 0) ring.set(value, (this.seen % ringRows) * channels);
      for (let channel = 0; channel < channels; channel++) hidden[channel] = Math.tanh(halves[channel]) / (1 + Math.exp(-halves[channels + channel]));
      for (let channel = 0; channel < channels; channel++) value[channel] += residualBias[channel];
      addMatrixVector(residual, hidden, 0, value);
    }
    this.seen++;
    if (this.missingRows > 0) return undefined;
    hidden.set(this.bias.head);
    addMatrixVector(this.head, value, 0, hidden);
    for (let unit = 0; unit < this.bias.head.length; unit++) hidden[unit] = Math.max(0, hidden[unit]);
    halves[0] = this.bias.output[0];
    addMatrixVector(this.output, hidden, 0, halves);
    return 1 / (1 + Math.exp(-halves[0]));
  }

  /** Forgets all rows: after a gap, predictions start again once `receptiveField` rows have come. */
  reset(): void {
    this.seen = 0;
  }

  /** All that a stream of the same weights needs to go on to the same bits; under 64 KB at the main size. */
  save(): Uint8Array {
    return sealStreamState(this.weightsHash, this.seen, this.layers.map(({ ring }) => ring));
  }

  /** @throws InputError `stream-state-unreadable` when the bytes are damaged, or of other weights */
  restore(bytes: Uint8Array): void {
    this.seen = openStreamState(this.weightsHash, bytes, this.layers.map(({ ring }) => ring));
  }
}
