/**
 * What was too much for the device, in words; undefined where the failure is another one. TensorFlow says status 8 of its C
 * API or its name; cuDNN's LSTM says no more than that the call failed, for lack of memory or at a very large batch
 * (tensorflow issue 39453).
 */
export function exhaustion(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if (/Invalid TF_Status: 8\b|ResourceExhausted|RESOURCE_EXHAUSTED|\bOOM\b|out of memory/i.test(cause.message)) return 'memory of the device is exhausted';
  if (/Failed to call (?:Then|Do)Rnn(?:Forward|Backward)/i.test(cause.message)) return "cuDNN's LSTM has not enough memory, or refuses so large a batch,";
  return undefined;
}
