import { crc32, deflateRawSync } from 'node:zlib';

/** Writes pickle instructions one after the other, for files no PyTorch would write. */
export class PickleWriter {
  private readonly bytes: number[] = [];

  raw(...bytes: number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  instruction(character: string): this {
    return this.raw(character.charCodeAt(0));
  }

  text(text: string): this {
    const encoded = new TextEncoder().encode(text);
    this.instruction('X').uint32(encoded.length);
    for (const byte of encoded) this.bytes.push(byte);
    return this;
  }

  uint32(value: number): this {
    return this.raw(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
  }

  integer(value: number): this {
    return this.instruction('J').uint32(value);
  }

  /** An 8-byte `float`. */
  float(value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return this.instruction('G').raw(...new Uint8Array(view.buffer));
  }

  global(module: string, name: string): this {
    return this.raw(...new TextEncoder().encode(`c${module}\n${name}\n`));
  }

  tuple(...items: ((writer: PickleWriter) => unknown)[]): this {
    this.instruction('(');
    for (const item of items) item(this);
    return this.instruction('t');
  }

  integers(values: readonly number[]): this {
    return this.tuple(...values.map((value) => (writer: PickleWriter) => writer.integer(value)));
  }

  /** `{key: value, ...}` */
  dict(entries: Readonly<Record<string, (writer: PickleWriter) => unknown>>): this {
    this.instruction('}').instruction('(');
    for (const [key, value] of Object.entries(entries)) {
      this.text(key);
      value(this);
    }
    return this.instruction('u');
  }

  /** `_rebuild_tensor_v2` on a storage of the archive. */
  tensor(tensor: PickledTensor): this {
    const { storage = 'FloatStorage', key, count, offset = 0, shape, stride } = tensor;
    this.global('torch._utils', '_rebuild_tensor_v2').tuple(
      (writer) =>
        writer
          .tuple(
            (id) => id.text('storage'),
            (id) => id.global('torch', storage),
            (id) => id.text(key),
            (id) => id.text('cpu'),
            (id) => id.integer(count),
          )
          .instruction('Q'),
      (writer) => writer.integer(offset),
      (writer) => writer.integers(shape),
      (writer) => writer.integers(stride ?? rowMajor(shape)),
      (writer) => writer.raw(0x89),
      (writer) => writer.global('collections', 'OrderedDict').instruction(')').instruction('R'),
    );
    return this.instruction('R');
  }

  /** The pickle, `PROTO 2` before and `STOP` behind it. */
  end(): Uint8Array {
    return Uint8Array.from([0x80, 2, ...this.bytes, 0x2e]);
  }
}

export interface PickledTensor {
  readonly storage?: string;
  readonly key: string;
  /** Elements of the storage. */
  readonly count: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
}

function rowMajor(shape: readonly number[]): number[] {
  const stride: number[] = [];
  let step = 1;
  for (const size of [...shape].reverse()) {
    stride.unshift(step);
    step *= size;
  }
  return stride;
}

export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflate?: boolean;
  /** Where another checksum or length than the true one is wanted. */
  readonly crc?: number;
  readonly size?: number;
  readonly flags?: number;
  readonly method?: number;
}

/** A zip archive of these files, stored or deflated. */
export function zipArchive(files: readonly ZipFile[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const content = file.deflate === true ? deflateRawSync(file.content) : Buffer.from(file.content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(file.flags ?? 0, 2);
    fields.writeUInt16LE(file.method ?? (file.deflate === true ? 8 : 0), 4);
    fields.writeUInt32LE(file.crc ?? crc32(file.content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(file.size ?? file.content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(position, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, place, name]));
    parts.push(local);
    position += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(position, 16);
  return new Uint8Array(Buffer.concat([...parts, listing, end]));
}

/** A `torch.save` archive of this pickle and these storages (`data/0`, `data/1`, ...). */
export function pytorchArchive(pickle: Uint8Array, storages: readonly Uint8Array[] = [], more: readonly ZipFile[] = []): Uint8Array {
  return zipArchive([
    { name: 'a/data.pkl', content: pickle },
    ...storages.map((content, key) => ({ name: `a/data/${key}`, content })),
    ...more,
  ]);
}
