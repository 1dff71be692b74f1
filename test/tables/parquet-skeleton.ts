/** What a hand-made Parquet file claims; everything left out is right. */
export interface Claims {
  readonly rows?: number;
  readonly groupRows?: number;
  readonly chunkValues?: number;
  readonly pageValues?: number;
  readonly pageBytes?: number;
  readonly compressedPageBytes?: number;
  readonly chunkBytes?: number;
  readonly pageOffset?: number;
  readonly footerBytes?: number;
  readonly columnNames?: readonly string[];
}

type Field = number | string | Field[] | Map<number, Field>;

/** A Parquet file of three doubles in one column, `close`, uncompressed, whose headers say what `claims` says. */
export function parquetSkeleton(claims: Claims = {}): Buffer {
  const values = Buffer.from(new Float64Array([1, 2, 3]).buffer);
  const page = struct({
    1: 0,
    2: claims.pageBytes ?? values.length,
    3: claims.compressedPageBytes ?? values.length,
    5: fields({ 1: claims.pageValues ?? 3, 2: 0, 3: 3, 4: 3 }),
  });
  const names = claims.columnNames ?? ['close'];
  const column = fields({ 1: 0, 3: 0, 4: '' });
  const meta = fields({
    1: 5,
    2: [0],
    3: ['close'],
    4: 0,
    5: claims.chunkValues ?? 3,
    6: page.length + values.length,
    7: claims.chunkBytes ?? page.length + values.length,
    9: claims.pageOffset ?? 4,
  });
  const footer = struct({
    1: 1,
    2: [fields({ 4: 'schema', 5: names.length }), ...names.map((name) => new Map([...column, [1, 5], [4, name]]))],
    3: claims.rows ?? 3,
    4: [fields({ 1: names.map(() => fields({ 2: 4, 3: meta })), 2: page.length + values.length, 3: claims.groupRows ?? 3 })],
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(claims.footerBytes ?? footer.length);
  return Buffer.concat([Buffer.from('PAR1'), page, values, footer, length, Buffer.from('PAR1')]);
}

function fields(given: Readonly<Record<number, Field>>): Map<number, Field> {
  return new Map(Object.entries(given).map(([id, value]) => [Number(id), value]));
}

function struct(given: Readonly<Record<number, Field>>): Buffer {
  return Buffer.from(encodeStruct(fields(given)));
}

// Thrift's compact protocol.
function encodeStruct(value: Map<number, Field>): number[] {
  let last = 0;
  const bytes: number[] = [];
  for (const [id, field] of [...value].sort(([a], [b]) => a - b)) {
    bytes.push(((id - last) << 4) | typeOf(field), ...encode(field));
    last = id;
  }
  return [...bytes, 0];
}

function typeOf(field: Field): number {
  if (typeof field === 'number') return 5;
  if (typeof field === 'string') return 8;
  return Array.isArray(field) ? 9 : 12;
}

function encode(field: Field): number[] {
  if (typeof field === 'number') return varint(field < 0 ? -2 * field - 1 : 2 * field);
  if (typeof field === 'string') return [...varint(Buffer.byteLength(field)), ...Buffer.from(field)];
  if (field instanceof Map) return encodeStruct(field);
  const type = typeOf(field[0]);
  return [(field.length << 4) | type, ...field.flatMap(encode)];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}
