import type { OnnxGraph } from './graph.js';
import { INT8 } from './protobuf.js';

/** Names of a quantized weight's parts in the graph. */
export interface QuantizedWeight {
  readonly values: string;
  readonly scale: string;
  readonly zero: string;
}

/** Symmetric per-row quantization: row r of `[rows, columns]` becomes round(w / scale[r]), scale[r] = max|w| / 127. */
export function quantizeRows(weight: Float32Array, columns: number): { readonly values: Int8Array; readonly scale: Float32Array } {
  const rows = weight.length / columns;
  const values = new Int8Array(weight.length);
  const scale = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let column = 0; column < columns; column++) largest = Math.max(largest, Math.abs(weight[row * columns + column]));
    scale[row] = largest > 0 ? largest / 127 : 1;
    for (let column = 0; column < columns; column++) values[row * columns + column] = Math.round(weight[row * columns + column] / scale[row]);
  }
  return { values, scale };
}

/** int8 weights as DynamicQuantizeLSTM wants them: `[directions, columns, rows]`, one scale a row and direction. */
export function quantizeGates(graph: OnnxGraph, directions: readonly Float32Array[], columns: number): QuantizedWeight {
  const rows = directions[0].length / columns;
  const transposed = new Int8Array(directions.length * rows * columns);
  const scale = new Float32Array(directions.length * rows);
  directions.forEach((weight, direction) => {
    const quantized = quantizeRows(weight, columns);
    scale.set(quantized.scale, direction * rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        transposed[(direction * columns + column) * rows + row] = quantized.values[row * columns + column]!;
      }
    }
  });
  return {
    values: graph.initializer(INT8, [directions.length, columns, rows], new Uint8Array(transposed.buffer)),
    scale: graph.floats([directions.length, rows], scale),
    zero: graph.initializer(INT8, [directions.length, rows], new Uint8Array(directions.length * rows)),
  };
}

/** int8 weights as DynamicQuantizeMatMul wants them: `[columns, rows]`, one scale a row. */
export function quantizeMatrix(graph: OnnxGraph, weight: Float32Array, columns: number): QuantizedWeight {
  const rows = weight.length / columns;
  const { values, scale } = quantizeRows(weight, columns);
  const transposed = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) transposed[column * rows + row] = values[row * columns + column]!;
  return {
    values: graph.initializer(INT8, [columns, rows], new Uint8Array(transposed.buffer)),
    scale: graph.floats([rows], scale),
    zero: graph.initializer(INT8, [rows], new Uint8Array(rows)),
  };
}
