/** P(Z <= x) of the standard normal distribution, to 1e-15: series near 0, continued fraction in the tails. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  return x > -3 ? 0.5 + density * oddSeries(x) : density * lowerTail(-x);
}

/** x + x^3/3 + x^5/(3*5) + ... (Marsaglia 2004). */
function oddSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

/** 1/(x + 1/(x + 2/(x + 3/...))) (Laplace), for x >= 3. */
function lowerTail(x: number): number {
  let fraction = x;
  for (let level = 200; level >= 1; level -= 1) fraction = x + level / fraction;
  return 1 / fraction;
}

/** The x with P(Z <= x) = `probability`, by bisection of {@link normalCdf}; -Infinity at 0 and Infinity at 1. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return NaN;
  if (probability === 0 || probability === 1) return probability === 0 ? -Infinity : Infinity;
  // The upper half by symmetry: near 1 a double has no digits left to tell probabilities apart.
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let low = -40;
  let high = 0;
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}
