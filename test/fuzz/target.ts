/** A reader that is given damaged input. */
export interface FuzzTarget {
  readonly name: string;
  /** Good input, small, one for each form the reader knows. */
  seeds(): readonly Uint8Array[];
  /** Returns normally or throws; anything but an expected error (`isExpectedError` of src/errors.ts) is a finding. */
  attempt(bytes: Uint8Array): void | Promise<void>;
}
