/** The bytes are no FlatBuffer, or end too early. */
export class FlatBufferError extends Error {}

/**
 * A table of a FlatBuffer (https://flatbuffers.dev/internals/): fields by their number in the schema, every access
 * within the bytes. A field that is absent has its default.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #fields: number;
  readonly #fieldBytes: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    const vtable = at - within(view, at, 4).getInt32(at, true);
    this.#fieldBytes = within(view, vtable, 4).getUint16(vtable, true) - 4;
    this.#fields = vtable + 4;
    within(view, vtable, Math.max(4, this.#fieldBytes + 4));
  }

  /** The table a buffer is about. @throws FlatBufferError */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, within(view, 0, 4).getUint32(0, true));
  }

  uint8(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : within(this.#view, at, 1).getUint8(at);
  }

  int16(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : within(this.#view, at, 2).getInt16(at, true);
  }

  int32(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : within(this.#view, at, 4).getInt32(at, true);
  }

  /** @throws FlatBufferError beyond 2^53 */
  int64(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : int64At(this.#view, at);
  }

  text(field: number): string {
    const vector = this.#vector(field, 1);
    return vector === undefined ? '' : new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + vector.start, vector.count));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : new FlatTable(this.#view, this.#follow(at));
  }

  tables(field: number): readonly FlatTable[] {
    const vector = this.#vector(field, 4);
    return Array.from({ length: vector?.count ?? 0 }, (_, index) => new FlatTable(this.#view, this.#follow((vector?.start ?? 0) + 4 * index)));
  }

  /** A vector of structs of `bytes` bytes, of each the int64s at these offsets. */
  structs(field: number, bytes: number, offsets: readonly number[]): readonly (readonly number[])[] {
    const vector = this.#vector(field, bytes);
    const start = vector?.start ?? 0;
    return Array.from({ length: vector?.count ?? 0 }, (_, index) => offsets.map((offset) => int64At(this.#view, start + bytes * index + offset)));
  }

  #find(field: number): number | undefined {
    if (2 * field + 2 > this.#fieldBytes) return undefined;
    const offset = this.#view.getUint16(this.#fields + 2 * field, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #follow(at: number): number {
    return at + within(this.#view, at, 4).getUint32(at, true);
  }

  #vector(field: number, itemBytes: number): { start: number; count: number } | undefined {
    const at = this.#find(field);
    if (at === undefined) return undefined;
    const vector = this.#follow(at);
    const count = within(this.#view, vector, 4).getUint32(vector, true);
    within(this.#view, vector + 4, count * itemBytes);
    return { start: vector + 4, count };
  }
}

function int64At(view: DataView, at: number): number {
  const value = Number(within(view, at, 8).getBigInt64(at, true));
  if (!Number.isSafeInteger(value)) throw new FlatBufferError(`it claims ${value}`);
  return value;
}

function within(view: DataView, at: number, length: number): DataView {
  if (!(at >= 0 && at + length <= view.byteLength)) throw new FlatBufferError('its description points outside itself');
  return view;
}
