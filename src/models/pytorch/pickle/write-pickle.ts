/** What a state dict is made of, as far as a pickle must say it. */
export type Picklable =
  | string
  | number
  | boolean
  | { readonly integer: number }
  | { readonly tuple: readonly Picklable[] }
  | { readonly dict: readonly (readonly [string, Picklable])[] }
  /** A global called with arguments: `module.name(...)`, then filled with items where it is a dict. */
  | { readonly call: readonly [module: string, name: string]; readonly with: readonly Picklable[]; readonly items?: readonly (readonly [string, Picklable])[] }
  | { readonly global: readonly [module: string, name: string] }
  | { readonly persistentId: Picklable };

const PROTO = [0x80, 2];
const [MARK, STOP, TUPLE, EMPTY_TUPLE, REDUCE, GLOBAL, EMPTY_DICT, SET_ITEMS, PERSISTENT, UNICODE, INT32, FLOAT64, TRUE, FALSE] = [
  0x28, 0x2e, 0x74, 0x29, 0x52, 0x63, 0x7d, 0x75, 0x51, 0x58, 0x4a, 0x47, 0x88, 0x89,
];

/**
 * A pickle of protocol 2 (PEP 307), what `torch.save` writes. Nothing is memoised: the same value gives the same bytes.
 * A plain number is a float, `{integer}` an int of 32 bits.
 */
export function writePickle(value: Picklable): Uint8Array {
  const bytes: number[] = [...PROTO];
  append(value, bytes);
  bytes.push(STOP);
  return Uint8Array.from(bytes);
}

function append(value: Picklable, out: number[]): void {
  if (typeof value === 'string') return appendText(value, out);
  if (typeof value === 'boolean') return void out.push(value ? TRUE : FALSE);
  if (typeof value === 'number') return appendScalar(FLOAT64, 8, (view) => view.setFloat64(0, value, false), out);
  if ('integer' in value) return appendScalar(INT32, 4, (view) => view.setInt32(0, value.integer, true), out);
  if ('tuple' in value) return appendTuple(value.tuple, out);
  if ('dict' in value) {
    out.push(EMPTY_DICT);
    return appendItems(value.dict, out);
  }
  if ('global' in value) return appendGlobal(value.global, out);
  if ('persistentId' in value) {
    append(value.persistentId, out);
    return void out.push(PERSISTENT);
  }
  appendGlobal(value.call, out);
  appendTuple(value.with, out);
  out.push(REDUCE);
  if (value.items !== undefined) appendItems(value.items, out);
}

function appendText(text: string, out: number[]): void {
  const encoded = new TextEncoder().encode(text);
  appendScalar(UNICODE, 4, (view) => view.setUint32(0, encoded.length, true), out);
  for (const byte of encoded) out.push(byte);
}

function appendScalar(opcode: number, size: number, set: (view: DataView) => void, out: number[]): void {
  const view = new DataView(new ArrayBuffer(size));
  set(view);
  out.push(opcode, ...new Uint8Array(view.buffer));
}

function appendTuple(members: readonly Picklable[], out: number[]): void {
  if (members.length === 0) return void out.push(EMPTY_TUPLE);
  out.push(MARK);
  for (const each of members) append(each, out);
  out.push(TUPLE);
}

function appendItems(items: readonly (readonly [string, Picklable])[], out: number[]): void {
  if (items.length === 0) return;
  out.push(MARK);
  for (const [key, each] of items) {
    append(key, out);
    append(each, out);
  }
  out.push(SET_ITEMS);
}

function appendGlobal([module, name]: readonly [string, string], out: number[]): void {
  out.push(GLOBAL, ...new TextEncoder().encode(`${module}\n${name}\n`));
}
