import type { Tensor } from '../../models/checkpoint.js';

/** A matrix laid out for {@link addMatrixVector}: four rows interleaved, the rest filled with zeros. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** `[ceil(rows / 4), columns, 4]` */
  readonly data: Float64Array;
}

/** One tap of a convolution's weight `[outputs, inputs, taps]` as a matrix `[outputs, inputs]`. */
export function matrixOf({ shape, data }: Tensor, tap: number): DenseMatrix {
  const [rows, columns, taps] = shape;
  const laid = new Float64Array(Math.ceil(rows / 4) * columns * 4);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) laid[((row >> 2) * columns + column) * 4 + (row & 3)] = data[(row * columns + column) * taps + tap];
  }
  return { rows, columns, data: laid };
}

/** sums += matrix * vector[from ..]: four sums side by side, which do not wait for each other. `sums` has at least `rows` places. */
export function addMatrixVector({ rows, columns, data }: DenseMatrix, vector: ArrayLike<number>, from: number, sums: Float64Array): void {
  let at = 0;
  for (let row = 0; row < rows; row += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let column = 0; column < columns; column++, at += 4) {
      const value = vector[from + column];
      a += data[at] * value;
      b += data[at + 1] * value;
      c += data[at + 2] * value;
      d += data[at + 3] * value;
    }
    sums[row] += a;
    if (row + 1 < rows) sums[row + 1] += b;
    if (row + 2 < rows) sums[row + 2] += c;
    if (row + 3 < rows) sums[row + 3] += d;
  }
}
