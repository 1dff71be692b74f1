/** What the notebook kernel (`kernels/crpbot/channel.cjs`) offers to the code it runs. */
export interface Kernel {
  /** Shows `data`, one thing in several forms by MIME type; with `update`, in the place of what was shown under `id`. */
  display(content: { readonly data: MimeBundle; readonly metadata?: MimeBundle; readonly id?: string; readonly update?: boolean }): void;
  /** Fires when the running cell is interrupted. */
  signal(): AbortSignal;
}

export type MimeBundle = Readonly<Record<string, unknown>>;

/** The kernel this code runs in, undefined in a terminal or a test. */
export function runningKernel(): Kernel | undefined {
  return (globalThis as { [name: symbol]: unknown })[Symbol.for('crpbot.kernel')] as Kernel | undefined;
}
