/** Added to a denominator that may be 0, as the original does. */
export const EPSILON = 1e-8;
