/** A value of a table: a number of the width its schema says, a text, or tables and structs further on. */
export type FlatValue =
  | { readonly uint8: number }
  | { readonly int16: number }
  | { readonly int64: number }
  | { readonly text: string }
  | { readonly table: FlatFields }
  | { readonly tables: readonly FlatFields[] }
  /** Structs of int64s only. */
  | { readonly structs: readonly (readonly number[])[] };

/** A table's fields by their number in the schema; undefined has its default. */
export type FlatFields = readonly (FlatValue | undefined)[];

/**
 * A FlatBuffer of this root table (https://flatbuffers.dev/internals/), a multiple of 8 bytes. Plain rather than compact:
 * every field takes 8 bytes, no two tables share a description of their fields.
 */
export function flatBuffer(root: FlatFields): Uint8Array {
  const writer = new FlatWriter();
  writer.reserve(8);
  const at = writer.table(root);
  writer.view.setUint32(0, at, true);
  return writer.bytes();
}

/** Writes front to back: what a table refers to always lies behind it. */
class FlatWriter {
  view = new DataView(new ArrayBuffer(4096));
  #end = 0;

  bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer, 0, this.#end);
  }

  /** Where zeroed room for so many bytes begins: a multiple of 8. */
  reserve(bytes: number): number {
    const at = this.#end;
    this.#end = at + 8 * Math.ceil(bytes / 8);
    if (this.#end > this.view.byteLength) {
      const larger = new Uint8Array(2 * this.#end);
      larger.set(new Uint8Array(this.view.buffer));
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  table(fields: FlatFields): number {
    const description = this.reserve(4 + 2 * fields.length);
    const at = this.reserve(8 + 8 * fields.length);
    this.view.setUint16(description, 4 + 2 * fields.length, true);
    this.view.setUint16(description + 2, 8 + 8 * fields.length, true);
    this.view.setInt32(at, at - description, true);
    fields.forEach((value, field) => {
      if (value === undefined) return;
      this.view.setUint16(description + 4 + 2 * field, 8 + 8 * field, true);
      this.#put(at + 8 + 8 * field, value);
    });
    return at;
  }

  #put(at: number, value: FlatValue): void {
    if ('uint8' in value) this.view.setUint8(at, value.uint8);
    else if ('int16' in value) this.view.setInt16(at, value.int16, true);
    else if ('int64' in value) this.view.setBigInt64(at, BigInt(value.int64), true);
    else this.#refer(at, this.#behind(value));
  }

  #refer(from: number, to: number): void {
    this.view.setUint32(from, to - from, true);
  }

  #behind(value: Exclude<FlatValue, { uint8: number } | { int16: number } | { int64: number }>): number {
    if ('table' in value) return this.table(value.table);
    if ('text' in value) return this.#text(value.text);
    if ('tables' in value) return this.#tables(value.tables);
    return this.#structs(value.structs);
  }

  #text(text: string): number {
    const encoded = new TextEncoder().encode(text);
    const at = this.reserve(4 + encoded.length + 1);
    this.view.setUint32(at, encoded.length, true);
    new Uint8Array(this.view.buffer).set(encoded, at + 4);
    return at;
  }

  #tables(tables: readonly FlatFields[]): number {
    const at = this.reserve(4 + 4 * tables.length);
    this.view.setUint32(at, tables.length, true);
    tables.forEach((fields, index) => this.#refer(at + 4 + 4 * index, this.table(fields)));
    return at;
  }

  /** The count stands right before the first struct, which begins at a multiple of 8. */
  #structs(structs: readonly (readonly number[])[]): number {
    const values = structs.flat();
    const at = this.reserve(8 + 8 * values.length) + 4;
    this.view.setUint32(at, structs.length, true);
    values.forEach((value, index) => this.view.setBigInt64(at + 4 + 8 * index, BigInt(value), true));
    return at;
  }
}
