/** A struct of Thrift's compact protocol: field id -> value. Integers are numbers (exact below 2^53). */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** The bytes end too early or are not Thrift. */
export class ThriftError extends Error {}

const deepest = 16;

/**
 * Reads one struct of the compact protocol at `offset`. Nothing is allocated that the bytes do not pay for.
 * @throws ThriftError
 */
export function readThriftStruct(bytes: Uint8Array, offset: number): { readonly value: ThriftStruct; readonly end: number } {
  let at = offset;

  const byte = (): number => {
    if (at >= bytes.length) throw new ThriftError('ends too early');
    return bytes[at++];
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new ThriftError('an integer of more than 10 bytes');
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const binary = (): Uint8Array => {
    const length = varint();
    if (length > bytes.length - at) throw new ThriftError('a text longer than what holds it');
    return bytes.subarray(at, (at += length));
  };
  const list = (depth: number): ThriftValue[] => {
    const header = byte();
    const count = header >> 4 === 15 ? varint() : header >> 4;
    if (count > bytes.length - at) throw new ThriftError('a list longer than what holds it');
    const type = header & 15;
    const values: ThriftValue[] = [];
    for (let index = 0; index < count; index++) values.push(type <= 2 ? byte() === 1 : value(type, depth));
    return values;
  };
  const struct = (depth: number): ThriftStruct => {
    if (depth > deepest) throw new ThriftError('nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (let header = byte(); header !== 0; header = byte()) {
      id = header >> 4 === 0 ? zigzag() : id + (header >> 4);
      fields.set(id, value(header & 15, depth));
    }
    return fields;
  };
  function value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return byte();
      case 4:
      case 5:
      case 6:
        return zigzag();
      case 7:
        at += 8;
        return NaN;
      case 8:
        return binary();
      case 9:
      case 10:
        return list(depth + 1);
      case 12:
        return struct(depth + 1);
      default:
        throw new ThriftError(`a value of unknown type ${type}`);
    }
  }
  const result = struct(0);
  return { value: result, end: at };
}

/** An integer field that counts something. @throws ThriftError when it is missing or negative. */
export function fieldCount(fields: ThriftStruct, id: number, what: string): number {
  const value = fields.get(id);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ThriftError(`its ${what} is missing or wrong`);
}

/** A list of structs. @throws ThriftError when it is anything else. */
export function fieldStructs(fields: ThriftStruct, id: number, what: string): readonly ThriftStruct[] {
  const value = fields.get(id);
  if (Array.isArray(value) && value.every((item) => item instanceof Map)) return value as readonly ThriftStruct[];
  throw new ThriftError(`its ${what} are missing or wrong`);
}

/** A struct, where there is one. */
export function fieldStruct(fields: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = fields.get(id);
  return value instanceof Map ? (value as ThriftStruct) : undefined;
}
