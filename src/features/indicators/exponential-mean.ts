/** One step of an exponential mean. A constant input stays exactly constant, which the plain sum would round away. */
export function exponentialStep(mean: number, value: number, alpha: number): number {
  return mean === value ? mean : (1 - alpha) * mean + alpha * value;
}
