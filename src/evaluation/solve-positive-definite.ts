/**
 * Solves `matrix x = right` by Cholesky's factors; the matrix, `[size, size]` row-major, is symmetric and positive
 * definite, and is read in its lower triangle.
 * @returns `[size]`, or undefined where the matrix is not positive definite
 */
export function solvePositiveDefinite(matrix: ArrayLike<number>, right: ArrayLike<number>): Float64Array | undefined {
  const size = right.length;
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column];
      for (let each = 0; each < column; each++) rest -= factor[row * size + each] * factor[column * size + each];
      if (row > column) factor[row * size + column] = rest / factor[column * size + column];
      else if (rest > 0) factor[row * size + row] = Math.sqrt(rest);
      else return undefined;
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let each = 0; each < row; each++) solution[row] -= factor[row * size + each] * solution[each];
    solution[row] /= factor[row * size + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let each = row + 1; each < size; each++) solution[row] -= factor[each * size + row] * solution[each];
    solution[row] /= factor[row * size + row];
  }
  return solution;
}
